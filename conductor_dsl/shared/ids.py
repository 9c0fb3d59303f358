"""Identifiers: derived ones for messages, random ones for nodes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest

Place = tuple[int, int, int, int, int]
"""The primary key of an intent: contact, conversation, entry, step, visit."""
_BETWEEN = "x"
"""What stands between the numbers of a key; no hexadecimal digit, but a letter that every provider takes."""
_PLACE = b"%xx%xx%xx%xx%x"
"""The five numbers of a place, in hexadecimal."""


def dispatch_key(secret: str, *place: int) -> str:
    """The key under which a provider sees one message, made from the place of its intent.

    It is derived, so that every replay computes the same one, and it can be read back: no index is needed to find the
    intent that a receipt tells of. The twelve hexadecimal digits at its head are a hash with the secret of the
    database, so that two databases with one provider have different keys, and nobody makes one up.
    """
    return dispatch_keys(secret, [place])[0]


def dispatch_keys(secret: str, places: Iterable[tuple[int, ...]]) -> list[str]:
    """The keys of many messages, in order."""
    keys, begun = [], _keyed(secret).copy
    for numbers in [_PLACE % place for place in places]:
        keyed = begun()
        keyed.update(numbers)
        keys.append(f"{keyed.hexdigest()}x{numbers.decode()}")
    return keys


@lru_cache(maxsize=16)
def _keyed(secret: str) -> blake2b:
    """A hash that has read the secret; to go on from a copy is a third of the work."""
    return blake2b(digest_size=6, key=secret.encode())


def key_to_place(secret: str, key: str) -> Place | None:
    """The place of the intent with this key; None where it is no key of this database."""
    try:
        contact, conversation, entry, step, visit = (int(part, 16) for part in key.split(_BETWEEN)[1:])
    except ValueError:
        return None
    place = (contact, conversation, entry, step, visit)
    return place if compare_digest(dispatch_key(secret, *place).encode(), key.encode()) else None


def visit_of(key: str) -> int | None:
    """The visit in the key of a message; None for a key of another kind, such as that of a digest."""
    _, *numbers = key.split(_BETWEEN)
    return int(numbers[-1], 16) if numbers else None


def content_hash(text: str) -> str:
    """A name for immutable content: 32 hexadecimal digits."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


def address_digest(secret: str, address: str) -> str:
    """An address as it can be recognized and not be read: 32 hexadecimal digits; e-mail addresses in any case."""
    plain = address.casefold() if "@" in address else address
    return blake2b(plain.encode(), digest_size=16, key=secret.encode(), person=b"conductor-addr").hexdigest()


def new_secret() -> str:
    """What makes the keys of one database its own: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def node_id() -> str:
    """A name for one life of one process, never used again."""
    return secrets.token_hex(8)
