"""The controls every screen is built from; a screen that needs another one adds it here and to the gallery.

Import from the module, not from here (the first paint loads only what it shows). Signals are past tense; every widget
asks `theme()` for its look and repaints by itself. Text is plain text: nothing a model or a file says becomes markup.

    button     Button(text, kind="plain"|"primary"|"quiet"|"danger"|"link", icon="", hint="", small=False)   clicked
               .set_look(kind, icon), .align_end()
               IconButton(icon, name, size=28, framed=False, token="muted")    .set_icon, .set_name   clicked
    chip       Chip(text, tone="neutral"|"device"|"lan"|"cloud"|"danger", icon="", dashed=False, removable=False)
               .show_fact(text, tone, icon, dashed), .set_clickable(bool), .set_facts((sentence, ...))  clicked, removed
    zone_chip  RouteState (the twelve); ZoneChip().show_state(state, name), .show_place(Place, name="")
               zone_icon(zone), border_token(state): the composer's border
    label      Label(text, size=13, weight=400, token="text", wrap=False, mono=False, selectable=False)
               .set_text, .set_token, .set_wrap, .reserve(widest text)
               SectionLabel(text, action="")  .set_action(text)                action_clicked
    field      Field(placeholder="", name="")  .set_invalid(bool, why)         a QLineEdit
               SearchField(placeholder="Search", name="")                      escaped
               TextArea(placeholder="", name="", lines=4)                      a PlainText
    field_note FieldNote(field).say(why): below the field; set_invalid makes it    plain_text   PlainText, use_font
    number     NumberField(minimum, maximum, step=1, decimals=0, empty="", name="", bare=False)
               .value -> float | None, .set_value(...)                         value_changed(object)
    param      ParamRow(label, field, hint="", width=112)   FactRow(label, value).set_value(text)
    combo      Combo([(text, value)], name="", icon="", quiet=False)
               .value, .select(value), .set_options(...), .open_menu()         chosen(object)
    toggle     Toggle(name, checked=False), Checkbox(text, checked=False)      toggled(bool)
    segmented  Segmented([(text, value)], name)  .value, .select(value)        chosen(object)
    menu       Menu(parent)  .add(text, slot, icon="", shortcut="", danger=False, checked=None, enabled=True),
               .popup_under(widget, above=False), .popup(point); made anew each time it opens
    card       Card(padding=12, ground="surface").body   Ground(token, edge="")   HeaderBar().row   Line(token)
    row        Row(id, title, zone="", pinned=False, bound=False, temporary=False, snippet=""), Group(title)
    rows       RowList(name).set_rows([Entry], current=None), .select(id), .edit_row(id)
               opened(int) renamed(int, str) delete_asked(int) menu_asked(int, QPoint)
    table      Table(name), TableDelegate: any QAbstractTableModel; FontRole, ForegroundRole a token, AlignTrailing
    zone_cell  ZoneDelegate(table): a chip where the model gives a zone under the role ZONE
    banner     Banner(kind="info"|"warning"|"failed", title, message="", hint="", action="", closable=False)
               .show_error(message, hint, action), .announce()                 acted, closed
               Glyph(icon, token="muted", size=16)
    toast      ToastHost(window, room=None).offer(text, action="Undo", seconds=10) -> Toast    acted, expired
    empty      EmptyState(title, text, action="", icon="", second="")          acted, second_acted     Skeleton(rows=4)
    progress   Progress(title, detail="", cancellable=True)                    cancelled
               .show_progress(done, total, unit="B", speed=None, left=None), .show_busy(what)
    meter      MeterBar(name).set_fraction(f | None)   ContextBar(name).set_parts([n, ...], total)
    key_hint   KeyHint("Ctrl+K")
    sheet      Sheet(window, title, width=560).body, .add_button(text, kind, key="", default=False) -> Button,
               .open(), .close_with(key), Sheet.open_in(window)                finished(str): the key, "" if dismissed
    floating   Overlay(parent), shadow(painter, rect, radius)
    figures    grouped(n), size_text(bytes), done_text(done, total, unit), time_text(seconds)
    tip        plain_tip(text): a tooltip that cannot be read as markup
    control    Control: the base of everything clickable    paint    Box, box, ring, word, elided, dot, text_width
"""
