"""The rooms of the window, one folder each, strangers to one another; `ui/main.py` joins them to the frame.

chat        screen.ChatScreen(app)       .panes() -> Panes   .connect_window(window)   .begin()   await .aclose()
                                         .apply(settings)   (send key, input history)
settings    screen.SettingsScreen(app)   .panes()   .connect_window(window)   await .aclose()
                                         applied(Settings) after every reading and change
ledger      screen.LedgerScreen(app) .panes()   .connect_window(window)   await .aclose()
                                         how_asked: the help page about it is wanted
help        screen.HelpScreen()          .panes()   .connect_window(window)   .show_page(name)

`connect_window` adds the screen's commands, feeds the status bar and offers its undo toasts. `begin` reads from the
database and loads the model: call it after the first paint. `aclose` keeps drafts and partial answers.
"""
