"""From a file to rows in the store: line by line, batch by batch, for each kind of file in `kinds.py`."""
