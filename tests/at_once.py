"""The same thing done by several at the same moment, as by nodes that begin together."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

NODES = 8


def at_once(work: Callable[[], object]) -> list[Exception]:
    """Do something on several threads that begin together; what went wrong."""
    barrier, problems = Barrier(NODES), list[Exception]()

    def do() -> None:
        barrier.wait()
        try:
            work()
        except Exception as problem:  # noqa: BLE001  (whatever a node would die of)
            problems.append(problem)

    threads = [Thread(target=do) for _ in range(NODES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems
