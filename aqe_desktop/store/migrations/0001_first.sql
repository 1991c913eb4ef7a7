-- Times are milliseconds since the epoch (UTC). AUTOINCREMENT: an id once shown to a user is never given away again.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0,
    project TEXT,
    model TEXT,
    zone TEXT,
    head INTEGER,
    parameters TEXT NOT NULL DEFAULT '{}',
    draft TEXT NOT NULL DEFAULT '',
    deleted INTEGER
) STRICT;
CREATE INDEX conversations_listed ON conversations (pinned DESC, updated DESC, id DESC) WHERE deleted IS NULL;
CREATE INDEX conversations_of_project ON conversations (project, pinned DESC, updated DESC, id DESC)
    WHERE deleted IS NULL;
CREATE INDEX conversations_deleted ON conversations (deleted) WHERE deleted IS NOT NULL;

-- A tree: parents are older than their children, and of the same conversation.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent INTEGER CHECK (parent < id),
    role TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant')),
    state TEXT NOT NULL CHECK (state IN ('complete', 'streaming', 'stopped', 'failed', 'cut')),
    created INTEGER NOT NULL,
    zone TEXT,
    writer TEXT,
    reply TEXT NOT NULL DEFAULT '{}',
    reasoning TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL,
    UNIQUE (conversation, id),
    FOREIGN KEY (conversation, parent) REFERENCES messages (conversation, id)
) STRICT;
CREATE INDEX messages_of_parent ON messages (conversation, parent);
CREATE INDEX messages_streaming ON messages (writer) WHERE state = 'streaming';
CREATE INDEX messages_asked ON messages (id) WHERE role = 'user';

CREATE TABLE attachments (
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

-- The unsent text of the conversation that does not exist yet.
CREATE TABLE unsent (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    text TEXT NOT NULL
) STRICT;

CREATE TABLE presets (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    parameters TEXT NOT NULL
) STRICT;
INSERT INTO presets (name, parameters) VALUES
    ('Precise', '{"sampling": {"temperature": 0.2, "top_p": 0.95}}'),
    ('Balanced', '{"sampling": {"temperature": 0.7}}'),
    ('Creative', '{"sampling": {"temperature": 1.0}}');

CREATE TABLE projects (
    path TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    opened INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A conversation's zone is the farthest one of its messages; the position in the list below is the distance.
CREATE TRIGGER messages_zone_added AFTER INSERT ON messages WHEN new.zone IS NOT NULL BEGIN
    UPDATE conversations SET zone = new.zone WHERE id = new.conversation
        AND (zone IS NULL OR instr('device lan cloud', zone) < instr('device lan cloud', new.zone));
END;
CREATE TRIGGER messages_zone_changed AFTER UPDATE OF zone ON messages WHEN new.zone IS NOT NULL BEGIN
    UPDATE conversations SET zone = new.zone WHERE id = new.conversation
        AND (zone IS NULL OR instr('device lan cloud', zone) < instr('device lan cloud', new.zone));
END;

-- Search. secure-delete: a purged text must not live on in the index. An answer is indexed once it has ended.
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    text, content = 'messages', content_rowid = 'id', prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE titles_fts USING fts5 (
    title, content = 'conversations', content_rowid = 'id', prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO messages_fts (messages_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO titles_fts (titles_fts, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER messages_fts_added AFTER INSERT ON messages WHEN new.state <> 'streaming' BEGIN
    INSERT INTO messages_fts (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER messages_fts_changed AFTER UPDATE OF text, state ON messages
    WHEN old.state <> 'streaming' OR new.state <> 'streaming'
BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, text)
        SELECT 'delete', old.id, old.text WHERE old.state <> 'streaming';
    INSERT INTO messages_fts (rowid, text) SELECT new.id, new.text WHERE new.state <> 'streaming';
END;
CREATE TRIGGER messages_fts_removed AFTER DELETE ON messages WHEN old.state <> 'streaming' BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER titles_fts_added AFTER INSERT ON conversations BEGIN
    INSERT INTO titles_fts (rowid, title) VALUES (new.id, new.title);
END;
CREATE TRIGGER titles_fts_changed AFTER UPDATE OF title ON conversations BEGIN
    INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.id, old.title);
    INSERT INTO titles_fts (rowid, title) VALUES (new.id, new.title);
END;
CREATE TRIGGER titles_fts_removed AFTER DELETE ON conversations BEGIN
    INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.id, old.title);
END;
