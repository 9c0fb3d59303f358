"""Fixtures every test may ask for; see tests/README.md."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.databases import database_url, postgres_server, postgres_url, sqlite_url
from tests.ordinary_user import ordinary_folder

# Whether a commit passes depends neither on how fast the machine is nor on what examples it draws.
settings.register_profile(
    "the same every time", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("the same every time")

__all__ = ["database_url", "ordinary_folder", "postgres_server", "postgres_url", "sqlite_url"]
