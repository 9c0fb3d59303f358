"""Stage: a database for one world after another, each put back to what stands at the beginning.

The engine stays, for to compile its statements anew would take longer than most worlds do.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.store.connect import connect
from tests.databases import execute
from tests.simulate.dice import Storm
from tests.simulate.simulate import Outcome, World
from tests.simulate.world import build

SECRET = "simulated"
SIZES = (6, 20, 60)
"""How many contacts a world has."""
MEMORY = Path("/dev/shm")


class Stage:
    """A database and what it holds at the beginning of worlds of each size."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.engine = connect(url, SECRET)
        self._number = 0

    def tell(self, seed: int, storm: Storm = lambda weather: weather) -> Outcome:
        """Tell the world of a seed; what the engine should never have raised is among what was wrong."""
        contacts = SIZES[seed % len(SIZES)]
        self._put_back(contacts)
        world = World(self.engine, contacts, seed, storm)
        try:
            return world.tell()
        except Exception as problem:  # noqa: BLE001  (whatever it was, the seed that brought it about has to be told)
            wrong = "".join(traceback.format_exception(problem))
            return Outcome(seed, (f"it broke off: {wrong}",), "", Counter(), tuple(world.trace))

    def _put_back(self, contacts: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Let the database go."""
        self.engine.dispose()


class FileStage(Stage):
    """A SQLite file; the first worlds of a size are kept beside it."""

    def _put_back(self, contacts: int) -> None:
        path = Path(str(sa.make_url(self._url).database))
        kept = path.with_suffix(f".{contacts}")
        self.engine.dispose()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        if not kept.exists():
            made = connect(f"sqlite:///{kept}", SECRET)
            build(made, contacts)
            made.dispose()
        shutil.copyfile(kept, path)


class ServerStage(Stage):
    """A database on a PostgreSQL server; what stands at the beginning is a database of its own, which is copied."""

    def _put_back(self, contacts: int) -> None:
        url = sa.make_url(self._url)
        server = url.set(database="postgres").render_as_string(hide_password=False)
        kept = f"{url.database}_{contacts}"
        self.engine.dispose()
        if not self._exists(server, kept):
            execute(server, f"CREATE DATABASE {kept} TEMPLATE template0")
            made = connect(url.set(database=kept).render_as_string(hide_password=False), SECRET)
            build(made, contacts)
            made.dispose()
        execute(server, f"DROP DATABASE {url.database} WITH (FORCE)")
        execute(server, f"CREATE DATABASE {url.database} TEMPLATE {kept}")

    @staticmethod
    def _exists(server: str, name: str) -> bool:
        engine = sa.create_engine(server, poolclass=sa.NullPool)
        with engine.connect() as connection:
            found = connection.exec_driver_sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'")
            return found.first() is not None


@contextmanager
def file_stage() -> Iterator[Stage]:
    """A stage in memory, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="conductor-simulate-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        stage = FileStage(f"sqlite:///{folder}/world.db")
        yield stage
        stage.close()


@cache
def _stage() -> Stage:
    """The stage that this process keeps for all its seeds."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(file_stage())


def seeds_told(seeds: Sequence[int]) -> list[Outcome]:
    """The worlds of some seeds, told in a process of its own; their traces stay there."""
    return [replace(_stage().tell(seed), trace=()) for seed in seeds]
