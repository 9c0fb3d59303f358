"""Ports that can be named before anybody listens there."""

from __future__ import annotations

import os
import socket
from itertools import count

_FIRST, _MANY = 20_000, 12_000
"""Below those that the system gives to whoever asks for any port, or calls another program."""
_turns = count()


def unused_port() -> int:
    """A port at which nobody listens, and which nobody gets by chance; every process begins elsewhere."""
    while True:
        port = _FIRST + (16 * os.getpid() + next(_turns)) % _MANY
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
