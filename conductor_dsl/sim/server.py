"""The simulated provider over HTTP, on this machine only.

POST  /2010-04-01/Accounts/SID/Messages.json        Twilio: send; GET lists, with To, From, DateSent and pages
GET   /2010-04-01/Accounts/SID/Messages/ID.json     Twilio: one message
POST  /messages                                     JSON with an Idempotency-Key: send, once for each key
GET   /messages/KEY                                 what became of a key
POST  /inbound                                      a message from a person (From, To, Body, MediaUrl) is told
GET   /summary                                      how many of what, and the keys that were taken twice
"""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from conductor_dsl.shared.errors import ConfigError
from conductor_dsl.sim.desk import Asked, Desk, Reply
from conductor_dsl.sim.plan import Fault

HOST = "127.0.0.1"
LARGEST_BODY = 1_048_576
_GARBAGE = b"<html><body>It works!</body></html>"


class Server(ThreadingHTTPServer):
    """Answers from `open` to `close`; the port is taken when it is made, any free one for 0."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, desk: Desk, port: int = 0) -> None:
        """Raises ConfigError for a port that cannot be had."""
        self.desk, self.closing = desk, threading.Event()
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as problem:
            reason = getattr(problem, "strerror", None) or str(problem)
            hint = "`--port 0` takes any that is free"
            raise ConfigError(f"cannot listen at port {port}: {reason.lower()}", hint=hint) from None
        self._thread = threading.Thread(target=self.serve_forever, name="simulator", daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.server_address[1]}"

    def open(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more; whoever waits for an answer gets none."""
        self.closing.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away, for killing them is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    """One connection, with as many requests as its client likes."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "conductor-sim", ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Ask for something."""
        self._give(self.server.desk.answer(self._asked(b"")))

    def do_POST(self) -> None:
        """Send something."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._write(Reply(411 if not length else 413, {"message": "a body of at most 1 MiB is needed"}))
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):  # whoever asked was killed in the middle of it
            self.close_connection = True
            return
        asked = self._asked(body)
        try:
            reply = self.server.desk.answer(asked)
        except ValueError as problem:
            reply = Reply(400, {"message": str(problem)})
        self._give(reply)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the standard library
        """Say nothing: the log of messages tells all."""

    def _asked(self, body: bytes) -> Asked:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(self.command, unquote(parts.path), query, headers, body)

    def _give(self, reply: Reply) -> None:
        """Answer, or do what is wrong instead."""
        if reply.fault == Fault.HANG:
            self.server.closing.wait(self.server.desk.plan.hang)
        if reply.fault == Fault.SLOW:
            self.server.closing.wait(self.server.desk.plan.slow)
        if reply.fault in (Fault.LOST, Fault.DROPPED, Fault.HANG):
            self._hang_up()
        elif reply.fault == Fault.GARBAGE:
            self._write(reply, _GARBAGE)
        elif reply.fault == Fault.HALF:
            self._write(reply, half=True)
            self._hang_up()
        else:
            self._write(reply)

    def _write(self, reply: Reply, body: bytes | None = None, *, half: bool = False) -> None:
        content = json.dumps(reply.said).encode() if body is None else body
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json" if body is None else "text/html")
        self.send_header("Content-Length", str(len(content)))
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if half else content)
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
