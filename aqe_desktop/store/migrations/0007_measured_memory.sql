-- What loads of a model took, beside what was reckoned for them, in bytes; one row for each way of loading it.
CREATE TABLE measured_memory (
    model TEXT NOT NULL,
    engine TEXT NOT NULL,
    settings TEXT NOT NULL,
    predicted INTEGER NOT NULL,
    measured INTEGER NOT NULL,
    PRIMARY KEY (model, engine, settings)
) STRICT, WITHOUT ROWID;
