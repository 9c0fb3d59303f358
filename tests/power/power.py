"""A shop whose power fails: what had been accepted by the provider by then, and what the file says of it afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from conductor_dsl.plugin.channels import Outgoing, Receipt
from conductor_dsl.shared.ids import key_to_place
from conductor_dsl.store.connect import connect
from tests.conformance.shop import Carrier, Shop
from tests.power.disk import NAME, Disk, written_down

SCRIPT = """
conversation "Power" {
  class transactional
  thread "T" when no_order_within 60d check every 1d { sms "Hello" -> wait 1h -> email saved:"Hello" -> end }
}
"""
SECRET = "power"
BATCH = 3
"""Small batches make many transactions."""


class Witness(Carrier):
    """Remembers how much had been asked of the disk when it accepted each message."""

    def __init__(self, disk: Disk) -> None:
        super().__init__()
        self._disk = disk
        self.moments: list[tuple[str, int]] = []

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Accept everything."""
        self.moments += [(out.key, len(self._disk.deeds)) for out in batch]
        return super().send(batch)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: how many failures were played, and what was wrong after one."""

    failures: int
    forgotten: tuple[str, ...]
    damaged: tuple[str, ...]


def fail_everywhere(folder: Path, contacts: int = 12, seed: int = 1) -> Told:
    """Let messages be sent, then let the power fail at each moment at which one had just been accepted.

    Each failure is played twice: once all is lost that was not synced, once a part of it. A message is forgotten if the
    file does not know that it was on its way; then it would be sent again.
    """
    failures, forgotten, damaged = 0, list[str](), list[str]()
    with written_down() as disk:
        moments = _send(folder / "shop.db", contacts, disk)
    for number, moment in enumerate(sorted({at for _, at in moments})):
        accepted = [key for key, at in moments if at <= moment]
        for dice in (None, Random(seed + number)):
            failures += 1
            path = _restored(folder / f"image-{failures}", disk, moment, dice)
            problem, known = _opened(path)
            damaged += [f"failure {failures}: {problem}"] if problem else []
            forgotten += [f"failure {failures}: {key}" for key in accepted if key_to_place(SECRET, key) not in known]
    return Told(failures, tuple(forgotten), tuple(damaged))


def _send(path: Path, contacts: int, disk: Disk) -> list[tuple[str, int]]:
    shop = Shop(connect(f"sqlite:///file:{path}?uri=true&vfs={NAME}", SECRET))
    for number in range(contacts):
        shop.contact(f"c{number}")
    shop.publish(SCRIPT)
    shop.sms = shop.email = witness = Witness(disk)
    shop.node = shop.new_node(batch=BATCH)
    shop.pass_time("2h")
    shop.engine.dispose()
    return witness.moments


def _restored(folder: Path, disk: Disk, moment: int, dice: Random | None) -> Path:
    """The files as they are found when the power is back."""
    folder.mkdir()
    for path, content in disk.after_power_failure(moment, dice).items():
        (folder / Path(path).name).write_bytes(content)
    return folder / "shop.db"


def _opened(path: Path) -> tuple[str, set[tuple[int, ...]]]:
    """What SQLite finds wrong with the file, empty for nothing; the messages that are known to have been begun."""
    with closing(sqlite3.connect(path)) as connection:
        [[said]] = connection.execute("PRAGMA integrity_check")
        return "" if said == "ok" else str(said), set(_begun(connection))


def _begun(connection: sqlite3.Connection) -> Iterator[tuple[int, ...]]:
    chosen = "SELECT contact_id, conversation_id, entry_no, step, visit FROM intent WHERE state <> 'ready'"
    return (tuple(row) for row in connection.execute(chosen))
