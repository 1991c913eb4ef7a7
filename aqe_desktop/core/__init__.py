"""The vocabulary every floor shares: frozen values and pure functions, standard library only."""
