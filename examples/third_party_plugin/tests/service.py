"""A service for the tests, on this machine: it takes a key once, and tells what it has taken.

`python tests/service.py PORT FILE` runs it by itself, and writes a line of JSON for each message.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Taken = dict[str, dict[str, Any]]
GONE = "gone-"
"""What the address of a device begins with that is no more."""


def _nothing(_message: dict[str, Any]) -> None:
    """What is done with a message that is only kept."""


@contextmanager
def service(
    taken: Taken, token: str, port: int = 0, each: Callable[[dict[str, Any]], None] = _nothing
) -> Iterator[str]:
    """A running service, which puts what it takes into a mapping by key; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers["Authorization"] != f"Bearer {token}":
                self._answer(401, {})
            elif message["to"].startswith(GONE):
                self._answer(410, {})
            else:
                if message["key"] not in taken:
                    taken[message["key"]] = message
                    each(message)
                self._answer(201, {"id": f"id-{message['key']}"})

        def do_GET(self) -> None:
            key = self.path.rpartition("/")[2]
            self._answer(*((200, {"id": f"id-{key}"}) if key in taken else (404, {})))

        def _answer(self, status: int, told: dict[str, str]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the output of the tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def main(port: int, path: Path) -> None:
    """Serve until standard input ends, and write down what is taken."""
    with path.open("a", encoding="utf-8") as log:

        def write(message: dict[str, Any]) -> None:
            log.write(json.dumps(message) + "\n")
            log.flush()

        with service({}, "secret", port, write) as url:
            sys.stdout.write(f"{url}\n")
            sys.stdout.flush()
            sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
