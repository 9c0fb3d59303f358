"""One module for one revision, read by Alembic; the latest is `schema_version.HEAD`."""
