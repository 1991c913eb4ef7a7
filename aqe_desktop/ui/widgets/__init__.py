"""The controls every screen is built from; a screen that needs another one adds it here and to the gallery.

Import from the module, not from here (the first paint loads only what it shows). Signals are past tense; every widget
asks `theme()` for its look and repaints by itself. Text is plain text: nothing a model or a file says becomes markup.

    button     Button(text, kind="plain"|"primary"|"quiet"|"danger"|"link", icon="", hint="", small=False)   clicked
               IconButton(icon, name, size=28, framed=False, token="muted")                 clicked; name is spoken
    chip       Chip(text, tone="neutral"|"device"|"lan"|"cloud"|"danger", icon="", dashed=False, removable=False)
               .show_fact(text, tone, icon, dashed)   clicked, removed;  set_clickable(bool)
    zone_chip  RouteState (the twelve), ZoneChip().show_state(state, name)   ZoneChip().show_place(Place, name="")
               zone_icon(zone), border_token(state)      the composer's border token
    label      Label(text, size=13, weight=400, token="text", wrap=False, mono=False, selectable=False)  set_text(...)
               SectionLabel(text, action="")             action_clicked
    field      Field(placeholder="", name="")            a QLineEdit;  set_invalid(bool)
               SearchField(placeholder="Search")         a Field with glass and clear button;  escaped
               TextArea(placeholder="", name="", lines=4)    a QPlainTextEdit that looks like a field
    number     NumberField(minimum, maximum, step=1, decimals=0, empty="", name="", bare=False)
               .value -> float | None, set_value(...)    value_changed(object)
    param      ParamRow(label, field, hint="")           label left, editor right
    combo      Combo(options=[(text, value)], name="")   .value, select(value), set_options(...)   chosen(object)
    toggle     Toggle(name) / Checkbox(text)             toggled(bool)
    segmented  Segmented(options=[(text, value)], name)  .value, select(value)                     chosen(object)
    menu       Menu(parent)  .add(text, slot, icon="", shortcut="", danger=False, checked=None) .popup_under(widget)
    card       Card(padding=12)  .body (QVBoxLayout)     Line() a one-pixel divider
    row        Row(id, title, zone="", pinned=False, bound=False, temporary=False, snippet="") | Group(title)
    rows       RowList().set_rows([...], current=None)   opened(int) renamed(int, str) delete_asked(int)
                                                         menu_asked(int, QPoint);  edit_row(int), select(int)
    table      Table(name), TableDelegate                40 px rows, one-pixel lines; any QAbstractTableModel
    banner     Banner(kind="info"|"warning"|"failed", title, message="", hint="", action="", closable=False)
               acted, closed;   show_error(message, hint, action)
    toast      ToastHost(window).offer(text, action="Undo", seconds=10) -> Toast      acted, expired
    empty      EmptyState(title, text, action="", icon="", second="")                 acted, second_acted
    skeleton   Skeleton(rows=4)
    progress   Progress(title, detail="", cancellable=True)  cancelled
               .show_progress(done, total, unit="B"|"tokens"|"", speed=None, left=None)   .show_busy(what)
    meter      MeterBar(name)  .set_fraction(f | None)   ContextBar(name)  .set_parts([n...], total)
    key_hint   KeyHint("Ctrl+K")
    sheet      Sheet(window, title)  .body, .add_button(text, kind) -> Button, open()   finished(str), close_with(str)
    tip        plain_tip(text): a tooltip that cannot be read as markup
"""
