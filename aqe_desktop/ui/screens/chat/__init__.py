"""The chat: conversations on the left, the transcript and composer in the middle, the facts on the right."""
