"""A program that is called over HTTPS: a real server in a thread, with a certificate of its own."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import trustme

PATIENCE = 60
NAME = "hooks.shop.example"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


class Call(NamedTuple):
    """A call as it came: the names of `headers` in lower case; `connection` counts from 1."""

    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


def answer(status: int, body: str = "", **headers: str) -> bytes:
    """An answer, byte for byte."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body.encode())}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body]).encode()


@dataclass
class Receiver:
    """Remembers every call; `answer` says what is answered: bytes, in pieces if need be.

    An empty piece breaks the connection off; None never answers, until the receiver is closed.
    """

    name: str = NAME
    answer: Callable[[Call], bytes | None] = lambda _call: OK
    calls: list[Call] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        """Begin to listen."""
        self.authority = trustme.CA()
        self._trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(self.name).configure_cert(self._trust)
        self._listening = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._listening.wait(PATIENCE)

    @property
    def url(self) -> str:
        """Where it is called."""
        return f"https://{self.name}:{self.port}/loyalty"

    @property
    def place(self) -> str:
        """Its name and port."""
        return f"{self.name}:{self.port}"

    def ca_file(self, folder: Path) -> Path:
        """The certificate of its authority."""
        path = folder / f"{self.name}.pem"
        self.authority.cert_pem.write_to_path(path)
        return path

    def close(self) -> None:
        """Listen no more, and break off what hangs."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(PATIENCE)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self._trust)
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._over.wait()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while True:
                call = await self._hear(reader, number)
                said = self.answer(call)
                if said == b"":
                    return
                if said is None:
                    await self._over.wait()
                    return
                writer.write(said)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _hear(self, reader: asyncio.StreamReader, number: int) -> Call:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        call = Call(head[0].split(" ")[1], headers, body, number)
        self.calls.append(call)
        return call
