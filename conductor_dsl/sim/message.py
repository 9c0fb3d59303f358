"""A message as the simulated provider keeps it."""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """What was asked for; `key` is the sender's own name for it, `id` the provider's, empty until it is taken.

    `at` is in milliseconds, `valid_for` in seconds. `service` picks the sender where there is no `sender`; `callback`
    is where receipts go. One that came from a person is `inbound`.
    """

    key: str
    to: str
    sender: str
    text: str
    media: tuple[str, ...] = ()
    service: str = ""
    callback: str = ""
    valid_for: int = 0
    id: str = ""
    at: int = 0
    inbound: bool = False
