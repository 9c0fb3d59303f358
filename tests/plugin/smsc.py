"""An SMS centre for tests, in a process of its own: orders come on stdin, what happens goes to stdout, as JSON.

PDUs are read and written by hand here, so that a mistake of the library that the provider uses would be seen.

Orders: `rules`, what to do with texts that hold some words, each so many times: `status` N, `hold` (until `release`),
`drop` the connection, `raw` bytes; `deliver`, what to bring; `raw`, bytes to send; `deaf`, to answer nothing; `drop`.
`ids` is `hex` or `decimal`. The argument is a file with a certificate, for TLS.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import struct
import sys
from typing import Any

PASSWORD = "s3cret"
RESPONSE = 0x8000_0000
NACK, BIND, SUBMIT, DELIVER, UNBIND, ENQUIRE = RESPONSE, 9, 4, 5, 6, 21


def pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """The bytes of a PDU."""
    return struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body


def word(data: bytes, at: int) -> tuple[str, int]:
    """A text that ends with a zero, and where the next field begins."""
    end = data.index(0, at)
    return data[at:end].decode("latin-1"), end + 1


def read_submit(body: bytes) -> dict[str, Any]:
    """The fields of a `submit_sm`."""
    told: dict[str, Any] = {}
    told["service"], at = word(body, 0)
    told["source_ton"], told["source_npi"] = body[at], body[at + 1]
    told["source"], at = word(body, at + 2)
    told["dest_ton"], told["dest_npi"] = body[at], body[at + 1]
    told["dest"], at = word(body, at + 2)
    told["esm"] = body[at]
    _, at = word(body, at + 3)
    told["validity"], at = word(body, at)
    told["registered"], told["coding"], length = body[at], body[at + 2], body[at + 4]
    told["body"] = body[at + 5 : at + 5 + length].hex()
    at += 5 + length
    told["parameters"] = {}
    while at < len(body):
        tag, length = struct.unpack(">HH", body[at : at + 4])
        told["parameters"][f"{tag:04x}"] = body[at + 4 : at + 4 + length].hex()
        at += 4 + length
    return told


def write_deliver(given: dict[str, Any]) -> bytes:
    """The body of a `deliver_sm`."""
    source, dest = given["source"].encode(), given["dest"].encode()
    text = bytes.fromhex(given["body"])
    body = b"\0" + bytes([given.get("source_ton", 1), 1]) + source + b"\0" + bytes([given.get("dest_ton", 3), 0])
    body += dest + b"\0" + bytes([given.get("esm", 0), 0, 0]) + b"\0\0" + bytes([0, 0, given.get("coding", 0), 0])
    body += bytes([len(text)]) + text
    for tag, value in given.get("parameters", {}).items():
        raw = bytes.fromhex(value)
        body += struct.pack(">HH", int(tag, 16), len(raw)) + raw
    return bytes(body)


class Centre:
    """Talks to whoever connects; the last one who did is who is brought something."""

    def __init__(self) -> None:
        self.rules: list[dict[str, Any]] = []
        self.ids = "decimal"
        self.number = 0
        self.sequence = 0
        self.held: list[tuple[asyncio.StreamWriter, int]] = []
        self.writer: asyncio.StreamWriter | None = None
        self.deaf = False

    def tell(self, event: str, **what: Any) -> None:
        """Say what happens."""
        sys.stdout.write(json.dumps({"event": event, **what}) + "\n")
        sys.stdout.flush()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.writer = writer
        try:
            while True:
                length, command, status, sequence = struct.unpack(">LLLL", await reader.readexactly(16))
                body = await reader.readexactly(length - 16)
                if not self.deaf:
                    self.take(writer, (command, status, sequence), body)
        except (asyncio.IncompleteReadError, OSError):
            self.tell("gone")
        finally:
            writer.close()

    def take(self, writer: asyncio.StreamWriter, head: tuple[int, int, int], body: bytes) -> None:
        """Answer a PDU."""
        command, status, sequence = head
        if command == BIND:
            system_id, at = word(body, 0)
            allowed = word(body, at)[0] == PASSWORD
            self.tell("bind", system_id=system_id, allowed=allowed)
            writer.write(pdu(BIND | RESPONSE, 0 if allowed else 0x0E, sequence, b"centre\0"))
        elif command == SUBMIT:
            self.submit(writer, sequence, read_submit(body))
        elif command in (ENQUIRE, UNBIND):
            self.tell("enquire" if command == ENQUIRE else "unbind")
            writer.write(pdu(command | RESPONSE, 0, sequence))
        elif command == DELIVER | RESPONSE:
            self.tell("delivered", sequence=sequence, status=status)
        else:
            self.tell("other", command=command, status=status)

    def submit(self, writer: asyncio.StreamWriter, sequence: int, told: dict[str, Any]) -> None:
        """Take a text, or do what a rule says."""
        text = bytes.fromhex(told["body"]).decode("latin-1")
        rule = next((rule for rule in self.rules if rule["match"] in text and rule["times"] > 0), None)
        name = "" if rule else self.take_text(writer, sequence)
        self.tell("submit", name=name, **told)
        if rule is None:
            return
        rule["times"] -= 1
        if "status" in rule:
            writer.write(pdu(SUBMIT | RESPONSE, rule["status"], sequence))
        elif "raw" in rule:
            writer.write(bytes.fromhex(rule["raw"]).replace(b"SEQ#", struct.pack(">L", sequence)))
        elif rule.get("hold"):
            self.held.append((writer, sequence))
        elif rule.get("drop"):
            writer.close()

    def take_text(self, writer: asyncio.StreamWriter, sequence: int) -> str:
        """Give a text its name."""
        self.number += 1
        name = f"{self.number + 0xABC0:08X}" if self.ids == "hex" else str(self.number + 0xABC0)
        writer.write(pdu(SUBMIT | RESPONSE, 0, sequence, name.encode() + b"\0"))
        return name

    def obey(self, order: dict[str, Any]) -> None:
        """Do as the test says."""
        for name in ("rules", "ids", "deaf"):
            if name in order:
                setattr(self, name, order[name])
        if order.get("release"):
            for writer, sequence in self.held:
                self.take_text(writer, sequence)
            self.held = []
        if self.writer is not None and "deliver" in order:
            self.sequence += 1
            self.writer.write(pdu(DELIVER, 0, self.sequence, write_deliver(order["deliver"])))
        if self.writer is not None and "raw" in order:
            self.writer.write(bytes.fromhex(order["raw"]))
        if self.writer is not None and order.get("drop"):
            self.writer.close()


async def main() -> None:
    """Serve until stdin ends."""
    centre, loop = Centre(), asyncio.get_running_loop()
    trust = None
    if sys.argv[1:]:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(sys.argv[1])
    server = await asyncio.start_server(centre.talk, "127.0.0.1", 0, ssl=trust)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    centre.tell("ready", port=server.sockets[0].getsockname()[1])
    while line := await orders.readline():
        centre.obey(json.loads(line))
        centre.tell("obeyed")
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
