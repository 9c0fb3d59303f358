"""A database that is lost and put back from a backup: nobody gets a text twice, and nobody none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story import tell

SMALL = ("--contacts", "300", "--losses", "2")


@pytest.mark.restore
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_2_000_texts_none_is_lost_and_none_doubled_when_the_database_is_lost_ten_times(
    tmp_path: Path, database: str
) -> None:
    options = ("--database", database, "--contacts", "2000", "--losses", "10")
    told = tell("tests.restore", tmp_path, *options, figures=f"restore-{database}")
    assert told["holds"], told
    # Not for want of trying.
    assert told["losses"] == 10 and told["forgotten"] > 10 * 20


@pytest.mark.restore
def test_without_recovering_people_get_texts_twice(tmp_path: Path) -> None:
    told = tell("tests.restore", tmp_path, *SMALL, "--forget")
    assert told["doubled"] and not told["missing"]
