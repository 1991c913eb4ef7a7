-- An attached image as it was: its bytes, and their kind ("image/png"). '' and no bytes for text.
ALTER TABLE attachments ADD COLUMN data BLOB NOT NULL DEFAULT x'';
ALTER TABLE attachments ADD COLUMN media TEXT NOT NULL DEFAULT '';
ALTER TABLE draft_attachments ADD COLUMN data BLOB NOT NULL DEFAULT x'';
ALTER TABLE draft_attachments ADD COLUMN media TEXT NOT NULL DEFAULT '';
