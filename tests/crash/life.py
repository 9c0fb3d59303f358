"""One life of a node: it begins, works until nothing is due or until it is killed, and says when to begin again."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.shared.clock import VirtualClock
from conductor_dsl.store.connect import connect
from tests.conformance.shop import host
from tests.crash.bugs import MISTAKES
from tests.crash.witness import Witness


@dataclass(frozen=True, slots=True)
class Life:
    """What a life is told at its beginning; at the named point it kills itself, when it is there for the nth time."""

    url: str
    log: str
    now: int
    seed: str
    batch: int
    bug: str = ""
    point: str = ""
    nth: int = 1

    def to_json(self) -> str:
        """For another process."""
        return json.dumps(asdict(self))


def live(life: Life, report: int, engine: sa.Engine) -> None:
    """Do whatever is due; then write the next due instant, or `None`, to the file descriptor `report`."""
    clock = VirtualClock(life.now)
    witness = Witness(Path(life.log), clock, life.seed)
    providers = {"sms": witness, "email": witness}
    node = Node(engine, shelf(), providers, clock, batch=life.batch, reached=_killer(life))
    with MISTAKES[life.bug]():
        os.write(report, str(node.run_due()).encode())
    node.close()


@cache
def shelf() -> Shelf:
    """What is published; a fork finds it read already."""
    return Shelf(host())


def _killer(life: Life) -> Callable[[str], None]:
    left = life.nth

    def reached(point: str) -> None:
        nonlocal left
        left -= point == life.point
        if point == life.point and not left:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


if __name__ == "__main__":
    told = Life(**json.loads(sys.argv[1]))
    live(told, int(sys.argv[2]), connect(told.url))
