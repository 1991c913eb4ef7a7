-- The egress ledger, in a file of its own: bringing back an older history must not shorten it.

CREATE TABLE ledger (
    id TEXT NOT NULL,         -- random: two ledgers are never taken for one
    machine TEXT NOT NULL,    -- a mark of the machine it was begun on
    begun INTEGER NOT NULL    -- milliseconds
) STRICT;

-- `text` is what was hashed, byte for byte, and the only truth; the columns after it are read from it when asked.
CREATE TABLE chain (
    seq INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    text TEXT NOT NULL,
    kind GENERATED ALWAYS AS (iif(json_valid(text), json_extract(text, '$.kind'), NULL)),
    time GENERATED ALWAYS AS (iif(json_valid(text), json_extract(text, '$.time'), NULL)),
    project GENERATED ALWAYS AS (iif(json_valid(text), json_extract(text, '$.project'), NULL)),
    zone GENERATED ALWAYS AS (iif(json_valid(text), json_extract(text, '$.zone'), NULL)),
    purpose GENERATED ALWAYS AS (iif(json_valid(text), json_extract(text, '$.purpose'), NULL)),
    bytes GENERATED ALWAYS AS (iif(json_valid(text), json_extract(text, '$.bytes'), NULL))
);

-- REPLACE removes without asking the trigger for DELETE, so a row's number is looked at before it comes.
CREATE TRIGGER chain_grows BEFORE INSERT ON chain
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM chain)
BEGIN SELECT raise(ABORT, 'the ledger only grows at its end'); END;

CREATE TRIGGER chain_keeps BEFORE DELETE ON chain
BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;

CREATE TRIGGER chain_stays BEFORE UPDATE ON chain
BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;

CREATE TRIGGER ledger_is_one BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger)
BEGIN SELECT raise(ABORT, 'a ledger has one identity'); END;

CREATE TRIGGER ledger_keeps BEFORE DELETE ON ledger
BEGIN SELECT raise(ABORT, 'a ledger keeps its identity'); END;

CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger
BEGIN SELECT raise(ABORT, 'a ledger keeps its identity'); END;
