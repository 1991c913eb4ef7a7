"""The ledger: what left this machine, row by row, whether the record is whole, and a copy for who does not trust us."""
