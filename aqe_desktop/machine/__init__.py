"""This computer: its folders, processes, hardware and network, each behind a small typed face."""
