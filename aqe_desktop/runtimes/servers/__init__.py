"""Servers of the user's own that speak OpenAI's chat dialect: one runtime per row of settings.toml."""
