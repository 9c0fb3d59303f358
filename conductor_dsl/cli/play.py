"""How the demonstration of an example goes, as its `data/demo.toml` tells.

`starts` and `ends` are instants. Each `[[import]]` has `what`, a kind of file that `conductor import` reads, and
`file`, which lies beside it; coupon codes also have a `pool`. Without `at` it is read before the scripts are
published; with `at`, an instant, in the middle of the play, and `says` is what the audience is told.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath
from typing import Any

from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.nearest import did_you_mean

FILE = PurePath("data", "demo.toml")


@dataclass(frozen=True, slots=True)
class Import:
    """A file of a kind, read at an instant; `says` is what the audience is told, `pool` what coupon codes are for."""

    kind: str
    file: str
    at: Instant
    says: str = ""
    pool: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """From when to when, with which files: those of the beginning, and those that come later, in order."""

    starts: Instant
    ends: Instant
    before: tuple[Import, ...]
    later: tuple[Import, ...]


def example_names() -> tuple[str, ...]:
    """The examples that can be played and copied."""
    return tuple(sorted(entry.name for entry in files("conductor_dsl.examples").iterdir() if _is_played(entry)))


def example_folder(name: str) -> Traversable:
    """Where an example lies; raises ConductorError for one that there is not."""
    names = example_names()
    if name not in names:
        hint = did_you_mean(name, names) or f"the examples are {', '.join(names)}"
        raise ConductorError(f"there is no example `{name}`", hint=hint)
    return files("conductor_dsl.examples") / name


def load_play(folder: Path) -> Play:
    """How the example that was copied into a folder goes."""
    given = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    starts = _instant(given["starts"])
    imports = [_import(each, starts) for each in given["import"]]
    return Play(
        starts=starts,
        ends=_instant(given["ends"]),
        before=tuple(each for each in imports if each.at == starts),
        later=tuple(sorted((each for each in imports if each.at > starts), key=lambda each: each.at)),
    )


def _is_played(entry: Traversable) -> bool:
    return entry.is_dir() and entry.joinpath(*FILE.parts).is_file()


def _import(given: Mapping[str, Any], starts: Instant) -> Import:
    at = _instant(given["at"]) if "at" in given else starts
    return Import(given["what"], given["file"], at, given.get("says", ""), given.get("pool", ""))


def _instant(at: datetime) -> Instant:
    return int(at.timestamp() * 1000)
