"""A web server in a thread of its own."""

from __future__ import annotations

import socket
import threading
from types import TracebackType

import uvicorn
from starlette.applications import Starlette

from conductor_dsl.shared.errors import ConfigError

GRACE = 5
"""Seconds that answers in hand may take when the server is closed."""


class Server:
    """Answers from `open` to `close`; the address is taken when it is made, so that a taken one is told at once."""

    def __init__(self, app: Starlette, listen: str) -> None:
        """Raises ConfigError for an address that cannot be had."""
        self._socket = _take(listen)
        config = uvicorn.Config(
            app, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=GRACE
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def address(self) -> str:
        """Where it listens, such as `127.0.0.1:8080`."""
        host, port = self._socket.getsockname()[:2]
        return f"{host}:{port}"

    def open(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Answer what is in hand, and no more."""
        self._server.should_exit = True
        self._thread.join(GRACE + 1)
        self._socket.close()

    def __enter__(self) -> Server:
        self.open()
        return self

    def __exit__(self, *_problem: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _take(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    try:
        return socket.create_server((host.strip("[]"), int(port)), family=_family(host))
    except (OSError, ValueError, OverflowError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        hint = 'write `listen = "127.0.0.1:8080"` under [web], with a port that no other program has'
        raise ConfigError(f"cannot listen at `{listen}`: {reason.lower()}", hint=hint) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
