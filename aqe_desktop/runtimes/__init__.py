"""Local engines: each a Runtime of core/ports.py, joined to the rest in app.py only."""
