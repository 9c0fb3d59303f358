"""PDUs, the pieces of SMPP: made and read by smpplib, framed here, because what a carrier sends may be anything."""

from __future__ import annotations

import asyncio
import struct
from typing import Any

from smpplib import consts
from smpplib.smpp import make_pdu, parse_pdu

Pdu = Any
"""A PDU of smpplib; it brings no types. Its texts are bytes once they have been read."""
HEADER = 16
LONGEST = 65_536
RESPONSE = 0x8000_0000
OK = consts.SMPP_ESME_ROK
TRY_LATER = consts.SMPP_ESME_RX_T_APPN
UNKNOWN_COMMAND = consts.SMPP_ESME_RINVCMDID
_LAST_NUMBER = 0x7FFF_FFFF
_NAMES = {value: name.removeprefix("SMPP_") for name, value in vars(consts).items() if name.startswith("SMPP_ESME_")}


class GarbageError(Exception):
    """What came is no PDU, and where the next one begins cannot be told."""


class Numbers:
    """The sequence numbers of one connection; smpplib asks for them by these names."""

    def __init__(self) -> None:
        self.sequence = 0

    def next_sequence(self) -> int:
        """The next number, from 1 on."""
        self.sequence = self.sequence % _LAST_NUMBER + 1
        return self.sequence


def make(command: str, numbers: Numbers, **fields: object) -> Pdu:
    """A request with a number of its own."""
    return make_pdu(command, client=numbers, **fields)


def answer(command: str, sequence: int, status: int = OK) -> bytes:
    """The bytes of an answer to a request."""
    pdu = make_pdu(command, client=Numbers(), status=status)
    pdu.sequence = sequence
    frame: bytes = pdu.generate()
    return frame


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The bytes of the next PDU; GarbageError where its length cannot be one, IncompleteReadError at the end."""
    length = await reader.readexactly(4)
    size = int.from_bytes(length, "big")
    if not HEADER <= size <= LONGEST:
        raise GarbageError(f"a PDU of {size} bytes")
    return length + await reader.readexactly(size - 4)


def head(frame: bytes) -> tuple[int, int, int]:
    """(command, status, sequence number) of a PDU, whatever its body is."""
    command, status, sequence = struct.unpack(">LLL", frame[4:HEADER])
    return command, status, sequence


def parse(frame: bytes) -> Pdu | None:
    """The PDU; None where its command is unknown or its body cannot be read."""
    try:
        return parse_pdu(frame, client=Numbers(), allow_unknown_opt_params=True)
    except Exception:  # noqa: BLE001  (smpplib fails over broken bodies in many ways)
        return None


def status_name(status: int) -> str:
    """A status by its name in the specification, else as a number."""
    return str(_NAMES.get(status, f"0x{status:08X}"))
