-- Where an attached file lay: the policies there hold for it. '' for what was never a file.
ALTER TABLE attachments ADD COLUMN path TEXT NOT NULL DEFAULT '';
ALTER TABLE draft_attachments ADD COLUMN path TEXT NOT NULL DEFAULT '';

-- What the user called not private: the keyed hash of the value, never the value.
CREATE TABLE dismissals (
    project TEXT NOT NULL,
    mark TEXT NOT NULL,
    kind TEXT NOT NULL,
    made INTEGER NOT NULL,
    PRIMARY KEY (project, mark)
) STRICT, WITHOUT ROWID;

-- What was private in the context that a message was made with; it binds what follows even when its cause is gone.
CREATE TABLE taints (
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (message, mark, kind)
) STRICT, WITHOUT ROWID;

-- Fingerprints of the private files of a project, eight bytes each, little endian.
CREATE TABLE shingles (
    project TEXT NOT NULL,
    path TEXT NOT NULL,
    changed INTEGER NOT NULL,
    size INTEGER NOT NULL,
    prints BLOB NOT NULL,
    PRIMARY KEY (project, path)
) STRICT;
