"""A shop to import into."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.expressions import ValueType
from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.ingest.ingest import ingest_file
from conductor_dsl.runtime.ingest.nouns import ImportOptions, ImportResult
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import VirtualClock
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import metadata

NOW = 1_772_445_600_000  # 2026-03-02T10:00:00Z
OPTIONS = ImportOptions(
    zone="America/New_York",
    fields={
        "birthday": ValueType.DATE,
        "points": ValueType.NUMBER,
        "mobile2": ValueType.PHONE,
        "vip": ValueType.BOOLEAN,
    },
    events={"page.viewed": {"seconds": ValueType.NUMBER}},
)


class Shop:
    """A database with a way to import into it and to look at it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.engine = connect(url)
        self.programs = Programs(build_host([]), {}, {})

    def load(self, kind: str, text: str | bytes, name: str = "file.csv", **extra: Any) -> ImportResult:
        """Import a text under a file name."""
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        extra = {"options": OPTIONS} | extra
        return ingest_file(self.engine, self.programs, kind, path, clock=VirtualClock(NOW), **extra)

    def rows(self, table: str) -> list[Any]:
        """What a table holds."""
        with self.engine.connect() as connection:
            return [row._asdict() for row in connection.execute(sa.select(metadata.tables[table]))]

    def contact(self, key: str = "a") -> Any:
        """What is stored of one contact."""
        return next(row for row in self.rows("contact") if row["key"] == key)

    def everything(self) -> dict[str, list[Any]]:
        """What imports have stored."""
        return {name: self.rows(name) for name in ("contact", "orders", "event", "consent", "membership")}


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    """Rows read, stored, unchanged and rejected."""
    return result.read, result.stored, result.unchanged, result.rejected


def reasons(result: ImportResult) -> dict[int, str]:
    """Why rows were rejected, by line."""
    assert result.rejects_path is not None
    with result.rejects_path.open(encoding="utf-8", newline="") as file:
        return {int(row["_line"]): row["_reason"] for row in csv.DictReader(file)}
