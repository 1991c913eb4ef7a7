"""Ollama: a server that this app finds or starts, its models, and where each of them really runs."""
