"""Identifiers: derived ones for messages, random ones for nodes."""

from __future__ import annotations

import secrets
from hashlib import blake2b


def dispatch_key(contact: int, conversation: int, entry: int, step: int, visit: int) -> str:
    """The key under which a provider sees one message.

    It is derived from the primary key of the intent, so that every replay computes the same one: 32 hexadecimal digits.
    """
    text = f"{contact}.{conversation}.{entry}.{step}.{visit}"
    return blake2b(text.encode(), digest_size=16, person=b"conductor-key").hexdigest()


def content_hash(text: str) -> str:
    """A name for immutable content: 32 hexadecimal digits."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


def node_id() -> str:
    """A name for one life of one process, never used again."""
    return secrets.token_hex(8)
