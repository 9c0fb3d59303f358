"""A batch without the garbage collector.

A batch makes tens of thousands of small tuples that all die with it, by the count of their references; the collector
would go through them again and again, and that was a quarter of a node's time. It runs between batches, and leaves out
what a process has when it begins to serve, for to go through that takes as long as a batch.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def keep_for_good() -> None:
    """Let the collector leave alone what is there now: modules, grammars and words, which stay to the end."""
    gc.collect()
    gc.freeze()


@contextmanager
def unswept() -> Iterator[None]:
    """Keep the collector from running; who did so already goes on doing so."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
