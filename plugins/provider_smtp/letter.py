"""From an outgoing message to what goes over the line: an envelope, and bytes that no server needs to change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from conductor_dsl.api import Instant, Outgoing, to_mime
from conductor_plugins.provider_smtp.settings import SmtpSettings

_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"(?m)^\.")
_BARE = re.compile(r"[^\s<>()\[\]\\,;:\"@]+@[^\s<>()\[\]\\,;:\"@]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: who sends, who gets it, and what is in it, with lines that end in CRLF."""

    sender: str
    to: str
    name: str
    data: bytes

    @property
    def is_international(self) -> bool:
        """Whether its addresses need a server that takes letters beyond ASCII."""
        return not (self.sender + self.to).isascii()

    @property
    def stuffed(self) -> bytes:
        """The data with a second dot before each line that begins with one."""
        return _DOT.sub(b"..", self.data)


def message_to_letter(message: Outgoing, settings: SmtpSettings, now: Instant) -> Letter:
    """The letter of a message; `now` is its date unless it has one. Raises ValueError with the reason."""
    mail = to_mime(message, now)
    data = _LINE_END.sub(b"\r\n", mail.as_bytes())
    if settings.dkim is not None:
        # dkimpy takes a while to load, and only some need it.
        from conductor_plugins.provider_smtp.sign import sign  # noqa: PLC0415

        data = sign(data, settings.dkim)
    sender = settings.return_path or _bare(mail["From"], "sender")
    return Letter(sender, _bare(mail["To"], "recipient"), str(mail["Message-ID"]), data)


def _bare(header: Any, whose: str) -> str:
    """The one address of a header, without a name."""
    found = [each.addr_spec for each in header.addresses]
    if len(found) != 1 or not _BARE.fullmatch(found[0]):
        raise ValueError(f"the {whose} is not one address that mail can be sent to")
    return str(found[0])
