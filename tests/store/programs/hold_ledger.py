"""Another process that keeps the ledger's file to itself until its standard input ends."""

from __future__ import annotations

import sqlite3
import sys

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
sys.stdout.write("held\n")
sys.stdout.flush()
sys.stdin.read()
