"""What is worth doing about the size of a database is told; what is usual is not."""

from __future__ import annotations

import pytest

from conductor_dsl.runtime.size_to_advice import MB, in_bytes, size_to_advice
from conductor_dsl.store.sizes import DatabaseSize, TableSize

GB = 1_000 * MB


@pytest.mark.parametrize(
    ("size", "begins"),
    [
        (DatabaseSize([], GB, free=300 * MB, log=0), "300 MB of the file are free."),
        (DatabaseSize([], GB, free=0, log=250 * MB), "the log has 250 MB: somebody has been reading"),
        (
            DatabaseSize([TableSize("intent", 100_000, MB, dead=30_000)], GB),
            "`intent` has 30,000 dead rows beside 100,000: `VACUUM (ANALYZE) intent`",
        ),
    ],
)
def test_there_is_a_remedy_for_what_takes_room_in_vain(size: DatabaseSize, begins: str) -> None:
    [line] = size_to_advice(size)
    assert line.startswith(begins)


def test_nothing_is_said_of_what_is_usual() -> None:
    usual = [
        DatabaseSize([TableSize("intent", 100_000, MB, dead=15_000), TableSize("run", 20, 10, dead=500)], GB),
        DatabaseSize([TableSize("run", 10, 10)], GB, free=100 * MB, log=60 * MB),
        DatabaseSize([], 200_000, free=150_000, log=0),
    ]
    assert [list(size_to_advice(size)) for size in usual] == [[], [], []]


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (150_000, "150 kB"), (2_340 * GB, "2,340 GB")]
)
def test_bytes_are_told_as_people_say_them(count: int, told: str) -> None:
    assert in_bytes(count) == told
