"""What is kept: SQLite behind one thread, with conversations, presets and projects as its nouns."""
