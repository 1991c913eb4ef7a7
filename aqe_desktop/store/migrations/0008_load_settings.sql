-- What the user chose for loading each model: a JSON object of what differs from the defaults.
CREATE TABLE load_settings (
    model TEXT PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
