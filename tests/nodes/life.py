"""One life of a node: `conductor serve` as it is, but that it kills itself at a named point, if one is named."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from conductor_dsl.cli import main, serve
from conductor_dsl.project.settings import DATABASE_VARIABLE
from conductor_dsl.runtime import open_project
from conductor_dsl.runtime.node import Node
from conductor_dsl.shared.clock import SystemClock
from tests.nodes.bugs import BUGS
from tests.nodes.plugin import LIFE
from tests.proven.figures import ROOT


@dataclass(frozen=True, slots=True)
class Orders:
    """What a life is told at its beginning.

    `plugins` is the folder that installs the witness, if it sends through it; at the named point it kills itself, when
    it is there for the nth time. `bug` is what is left out of the engine.
    """

    name: str
    shop: str
    url: str
    plugins: str
    said: str
    """The file with all that it says."""
    point: str = ""
    nth: int = 1
    bug: str = ""


def fork(orders: Orders) -> tuple[int, int]:
    """Begin a life as a fork; returns its process, and where it tells the name of its node."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(reading)
            code = live(orders, writing)
        except BaseException:  # noqa: BLE001  (the child must never return into the parent's code)
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    os.close(writing)
    return pid, reading


def spawn(orders: Orders) -> tuple[int, int]:
    """Begin a life as a process of its own, which is slower, and safe from what a fork inherits."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "tests.nodes.life", json.dumps(asdict(orders)), str(writing)]
    process = subprocess.Popen(command, pass_fds=[writing], cwd=ROOT)
    os.close(writing)
    # Whoever began it waits for it by its number, as for a fork.
    process.returncode = 0
    return process.pid, reading


def live(orders: Orders, report: int) -> int:
    """Serve until told to stop, and return the exit code.

    It writes the name of its node to `report`, and the instant at which it kills itself.
    """
    said = os.open(orders.said, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(said, stream)
    os.environ.update({LIFE: orders.name, DATABASE_VARIABLE: orders.url, "SHOP_TOKEN": "simulated"})
    sys.path[:0] = [orders.plugins] if orders.plugins else []
    BUGS[orders.bug]()
    make = open_project.node_of

    def node_of(*arguments: Any, **named: Any) -> Node:
        node = replace(make(*arguments, **named), reached=_killer(orders, report))
        os.write(report, node.id.encode())
        return node

    vars(serve)["node_of"] = node_of
    try:
        main(["serve", orders.shop], prog_name="conductor")
    except SystemExit as over:
        return over.code if isinstance(over.code, int) else 1
    return 0


def _killer(orders: Orders, report: int) -> Callable[[str], None]:
    left = orders.nth

    def reached(point: str) -> None:
        nonlocal left
        left -= point == orders.point
        if point == orders.point and not left:
            os.write(report, f" {SystemClock().now()}".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


if __name__ == "__main__":
    sys.exit(live(Orders(**json.loads(sys.argv[1])), int(sys.argv[2])))
