"""The headers by which mailboxes know to which list an e-mail belongs, and how its reader leaves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote
from zlib import crc32

from conductor_dsl.messages.mime import sender_domain

_OTHER = re.compile(r"[^a-z0-9]+")
_PLAIN = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_LONGEST_LABEL = 48
LONGEST_SENDER_ID = 15


@lru_cache(maxsize=1_000)
def list_headers(name: str, sender: str) -> Mapping[str, str]:
    """The headers of a list by its name: List-ID (RFC 2919), and Feedback-ID, by which Gmail counts complaints.

    Conversations and steps are not in them: their names are the shop's own, and readers can see headers.
    """
    domain = sender_domain(sender)
    phrase = name if _PLAIN.fullmatch(name) or not name.isascii() else f'"{name}"'
    label = _label(name)
    return {
        "List-ID": f"{' '.join(re.sub(r'[<>]', ' ', phrase).split())} <{label}.{domain}>",
        "Feedback-ID": f"{label}:{_OTHER.sub('-', domain)[:LONGEST_SENDER_ID]}",
    }


def unsubscribe_header(url: str, mail_to: str, key: str) -> str:
    """List-Unsubscribe: a page, a mail that names the contact by its key, or both; empty where there is neither."""
    page = f"<{url}>" if url else ""
    if not mail_to or not key:
        return page
    mail = f"<{_written_to(mail_to)}{quoted(key)}>"
    return f"{page}, {mail}" if page else mail


@lru_cache(maxsize=1_000)
def _written_to(mail_to: str) -> str:
    """The beginning of a link that writes a mail; all mails of a shop share it."""
    return f"mailto:{quote(mail_to, safe='@+')}?subject=unsubscribe%20"


def quoted(key: str) -> str:
    """A key of a contact as a part of an address; most are letters and digits, of which nothing needs quoting."""
    return key if key.isascii() and key.isalnum() else quote(key, safe="")


def _label(name: str) -> str:
    """A name in letters, digits and hyphens; one that says less than the name has a number behind it."""
    plain = _OTHER.sub("-", name.lower())[:_LONGEST_LABEL].strip("-")
    return plain if _PLAIN.fullmatch(name) and plain else f"{plain}-{crc32(name.encode()):08x}".lstrip("-")
