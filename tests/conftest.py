"""Fixtures every test may ask for; see tests/README.md."""

from __future__ import annotations

from tests.databases import database_url, postgres_server, postgres_url, sqlite_url

__all__ = ["database_url", "postgres_server", "postgres_url", "sqlite_url"]
