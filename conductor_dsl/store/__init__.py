"""SQLAlchemy Core: rows in, rows out, no policy."""
