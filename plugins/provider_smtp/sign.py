"""DKIM: the signature of the sender's domain, made with dkimpy (`pip install 'conductor-dsl[dkim]'`)."""

from __future__ import annotations

import dkim

from conductor_plugins.provider_smtp.settings import Dkim

_SIGNED = (
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type"),
    *("Content-Transfer-Encoding", "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"),
    "Auto-Submitted",
)
"""RFC 6376 names most of these; RFC 8058 wants both headers of one click to be among them."""


def sign(data: bytes, by: Dkim) -> bytes:
    """The message with its signature before it.

    From is signed once more than it is there, so that nobody can add another one.
    """
    there = {line.partition(b":")[0].decode("ascii", "replace").lower() for line in _header_lines(data)}
    names = [name.lower().encode() for name in _SIGNED if name.lower() in there]
    signature: bytes = dkim.sign(
        data, by.selector.encode(), by.domain.encode(), by.key, None, (b"relaxed", b"relaxed"),
        include_headers=[b"from", *names],
    )  # fmt: skip
    return signature + data


def _header_lines(data: bytes) -> list[bytes]:
    return data.partition(b"\r\n\r\n")[0].split(b"\r\n")
