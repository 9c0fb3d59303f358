"""What may be left out of the engine, to show that the stories would notice it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conductor_dsl.runtime import dispatch
from conductor_plugins.provider_twilio import provider


def _nothing() -> None:
    """The engine as it is."""


def _no_fence() -> None:
    """Nobody looks at the rest of a lease before a message leaves.

    This process is at its end afterwards, so nobody else meets the mistake.
    """
    vars(dispatch)["RESERVE"] = -(10**12)
    vars(provider)["PATIENCE"] = 10**12


BUGS: Mapping[str, Callable[[], None]] = {"": _nothing, "no_fence": _no_fence}
"""What puts a mistake in place, by name."""
