"""The verbs of the app: what a front door may ask for. They do no I/O of their own; ports are handed in by app.py."""
