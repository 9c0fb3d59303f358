"""Somebody who listens for calls over HTTP, and keeps them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

PATIENCE = 60
_POLL = 0.02


class Call(NamedTuple):
    """A call that came; the names of `headers` in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """Its form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Ear:
    """Where it listens, and what it has heard."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/callbacks/sms"
        self.calls: list[Call] = []
        self.arriving: SimpleQueue[Call] = SimpleQueue()

    def next(self) -> Call:
        """The next call, which is waited for."""
        return self.arriving.get(timeout=PATIENCE)


@contextmanager
def listening() -> Iterator[Ear]:
    """Listen at a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            ear.calls.append(call)
            ear.arriving.put(call)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        ear = Ear(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
        thread.start()
        yield ear
        server.shutdown()
        thread.join()


@contextmanager
def talking(content: bytes, tls: Any = None) -> Iterator[str]:
    """Somebody who says the same to everyone, whatever they asked, and hangs up; the address as a URL.

    `tls` is the context of a server that encrypts.
    """

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), self.connect() as client:  # some do not trust the certificate
                with client.makefile("rb") as asked:
                    # What is left unread when it hangs up could cost its answer.
                    head = iter(asked.readline, b"\r\n")
                    asked.read(sum(int(line[15:]) for line in head if line.startswith(b"Content-Length:")))
                client.sendall(content)

        def connect(self) -> Any:
            return self.request if tls is None else tls.wrap_socket(self.request, server_side=True)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
        thread.start()
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
