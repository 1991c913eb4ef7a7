"""What the user chose: read before the first paint without help, drawn by itself, saved without losing a line."""
