"""The window: the only floor with Qt, a face over the services."""
