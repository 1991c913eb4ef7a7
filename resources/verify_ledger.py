"""Checks an exported ledger of AQE Desktop. Needs nothing but Python, imports nothing of the app; read it first.
verify_ledger.py FILE.csv|FILE.json [ROW:HASH]   exit status 0: every row is as it was written, 1: not, and which.

Each row's hash is the SHA-256 of its other fields (JSON, sorted keys, no spaces, ASCII), and one field is the hash
of the row before. Rows taken off the end leave no gap: give ROW:HASH, a last row that you noted earlier, to see it."""

import csv
import hashlib
import json
import sys

NUMBERS, LISTS, NOTHING = {"seq", "time", "bytes", "of"}, {"files", "redactions"}, {"zone", "purpose"}
ONCE = json.JSONDecoder(object_pairs_hook=lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else {})


def value(name, cell):
    """A cell of the CSV form as it was hashed: a text that looked like a formula stands behind an apostrophe."""
    if name in NUMBERS:
        return int(cell) if str(int(cell)) == cell else cell
    if name in LISTS:
        return ONCE.decode(cell)
    return None if name in NOTHING and cell == "" else cell[1:] if cell[:1] == "'" else cell


def read(path):
    """The rows of the file, and what its head says of them where it has one."""
    with open(path, encoding="utf-8", newline="") as file:
        if not path.lower().endswith(".csv"):
            told = ONCE.decode(file.read())
            return told["rows"], [f"{told['count']}:{told['head']}"]
        csv.field_size_limit(2**31 - 1)
        names, *rows = csv.reader(file)
        plain = set("".join(names)) <= set("_0123456789abcdefghijklmnopqrstuvwxyz")
        fit = [row if plain and len(row) == len(set(names)) == len(names) else [] for row in rows]
        return [{n: value(n, c) for n, c in zip(names, row) if c != "-"} for row in fit], []  # noqa: B905


def wrong(rows, noted):
    """What is not as it was written, or nothing; `noted` are rows known from elsewhere, as ROW:HASH."""
    before, hashes = "0" * 64, {"0": "0" * 64}
    for due, row in enumerate(rows, 1):
        body = json.dumps({n: v for n, v in row.items() if n != "hash"}, sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(body.encode()).hexdigest() != row.get("hash"):
            return f"row {due} was changed: it does not fit its hash"
        if row.get("seq") != due or row.get("previous") != before:
            return f"row {due} does not follow the row before it: rows were taken out, put in, or changed places"
        before = hashes[str(due)] = row["hash"]
    missing = [each for each in noted if hashes.get(each.partition(":")[0]) != each.partition(":")[2]]
    return f"it does not hold row {missing[0]!a}: rows are missing, or all were written anew" if missing else ""


if __name__ == "__main__":
    try:
        found, head = read(sys.argv[1])
        fault = wrong(found, [*head, *sys.argv[2:]])
    except (AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError, csv.Error) as error:
        found, fault = [], f"it cannot be read as an export ({error!a})"
    last = f"{len(found)}:{found[-1]['hash']}" if found and not fault else "none"
    print(f"NOT AS WRITTEN: {fault}." if fault else f"As written: {len(found)} rows, the last is {last}")
    sys.exit(1 if fault else 0)
