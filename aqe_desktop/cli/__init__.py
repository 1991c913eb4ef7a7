"""The headless front door, command `aqe`: the same services as the window, one module per group of commands."""
