"""Fixtures every test may ask for; see tests/README.md."""

from __future__ import annotations

from tests.databases import database_url, postgres_server, postgres_url, sqlite_url
from tests.ordinary_user import ordinary_folder

__all__ = ["database_url", "ordinary_folder", "postgres_server", "postgres_url", "sqlite_url"]
