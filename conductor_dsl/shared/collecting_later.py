"""Collecting later: no garbage is looked for while a batch is in hand."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_later() -> Iterator[None]:
    """Keep Python's collector of circles from starting inside; for work that makes many small things, none in circles.

    It starts after every 700 things that are made and not given back, and looks through all of them: with the rows of a
    batch in hand that takes as long as the work. It is the process's, so another thread that ends sooner lets it start.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
