"""The frame around every screen; it knows no service: setters in, signals out.

window      MainWindow(place: settings.boot.Window)  .add_screen(key, build: () -> Panes)  .show_screen(key)
            .place() -> settings.boot.Window   .toggle_sidebar() .toggle_inspector()   .commands .status .toasts
            closed, screen_shown(str), theme_chosen(str)
screens     Entry, SCREENS: the rail's rows; a screen that does not exist has none
panes       Panes(work, sidebar=None, inspector=None)
status_bar  StatusBar  .show_runtime(RuntimeStatus) .show_reply(ReplyFigures)   runtime_clicked(str)
commands    Command(name, run, shortcut="", section="", enabled=...)   Commands(window) .add(...)
palette     Palette(window, commands).open()         shortcuts   show_shortcuts(window, commands)
"""
