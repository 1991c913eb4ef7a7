-- Files of a question that is not sent yet. Without a conversation they belong to the one that does not exist yet.
CREATE TABLE draft_attachments (
    conversation INTEGER REFERENCES conversations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX draft_attachments_of ON draft_attachments (conversation, position);
