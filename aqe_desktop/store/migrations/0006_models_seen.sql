-- The models that each runtime had when it was looked at last, as JSON, so that a list can be shown before it answers.
-- Times are milliseconds since the epoch; '' is the address of an engine that has none.
CREATE TABLE models_seen (
    runtime TEXT PRIMARY KEY,
    seen INTEGER NOT NULL,
    address TEXT NOT NULL,
    models TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Downloads that were begun and neither finished nor given up.
CREATE TABLE pulls (
    model TEXT PRIMARY KEY,
    begun INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
