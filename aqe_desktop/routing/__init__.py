"""Where a request may go: the one floor that can make a Turn. Pure: it reads values, never files or the network."""
