"""Revisions of the tables: how a database of an older version becomes one of this version."""
