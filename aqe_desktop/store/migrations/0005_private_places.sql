-- Why its place made a file private when it was attached: that stays, whatever becomes of the place. '' where nothing did,
-- and where nobody kept it.
ALTER TABLE attachments ADD COLUMN private TEXT NOT NULL DEFAULT '';
ALTER TABLE draft_attachments ADD COLUMN private TEXT NOT NULL DEFAULT '';
