"""Colours, type and spacing of the app: the one place where a look is a number."""
