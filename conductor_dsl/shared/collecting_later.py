"""Collecting later: no garbage is looked for while a batch is in hand.

A batch makes tens of thousands of small tuples that all die with it, by the count of their references. Python's
collector of circles starts after every 700 things that are made and not given back, and would look through the rows in
hand again and again, which takes as long as the work.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def keep_for_good() -> None:
    """Let the collector leave alone what is there now: modules, grammars and words, which stay to the end.

    To go through that takes as long as a batch.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def collecting_later() -> Iterator[None]:
    """Keep the collector from starting inside; for work that makes many small things, none in circles.

    Who did so already goes on doing so. It is the process's, so another thread that ends sooner lets it start.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
