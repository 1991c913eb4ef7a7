"""The user guide, read inside the window, so that it is there without a network."""
