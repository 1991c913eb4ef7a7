-- Which bytes of a policy file the user trusts; another file in its place, or other bytes in it, is not trusted.
CREATE TABLE trusted_policies (
    path TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    trusted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A project's code names, customers and the like: private themselves, so they are not in a file that is committed.
CREATE TABLE own_words (
    project TEXT NOT NULL,
    word TEXT NOT NULL COLLATE NOCASE,
    added INTEGER NOT NULL,
    PRIMARY KEY (project, word)
) STRICT, WITHOUT ROWID;
