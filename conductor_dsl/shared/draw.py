"""Draws without dice: who gets what follows from the contact's key and from the name of what is drawn.

Nothing is stored, so a draw comes out the same in every run, after every edit, on every machine and on each database.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

PRIME = 2**31 - 1
"""Numbers below it can be multiplied without leaving the 64 bits that a database has."""
WHOLE = 10_000
"""Everybody: a share is counted in hundredths of a percent."""


def bucket_of(key: str) -> int:
    """The number below `PRIME` by which a contact is drawn, from its key."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8, person=b"conductor-bucket").digest()) % PRIME


@dataclass(frozen=True, slots=True)
class Draw:
    """A polynomial over the numbers below `PRIME`.

    A square is in it because two straight lines through the same buckets may run side by side: whoever is first in one
    draw would be first in the other.
    """

    square: int
    slope: int
    start: int

    def point(self, bucket: Any) -> Any:
        """Where a bucket comes out, from 0 to 9,999: a number for a number, an SQL expression for a BIGINT column."""
        inner = (bucket * self.square + self.slope) % PRIME
        return (inner * bucket + self.start) % PRIME % WHOLE


def draw_by(*names: str) -> Draw:
    """The draw of a name; other names give draws that have nothing to do with this one."""
    digest = blake2b("\0".join(names).encode(), digest_size=24, person=b"conductor-draw").digest()
    square, slope, start = (int.from_bytes(digest[at : at + 8]) for at in (0, 8, 16))
    return Draw(1 + square % (PRIME - 1), slope % PRIME, start % PRIME)


def split_draw(conversation: str, name: str) -> Draw:
    """The draw of a split; splits of one name in one conversation draw alike."""
    return draw_by("split", conversation, name)


def holdout_draw(conversation: str, name: str | None) -> Draw:
    """The draw of a holdout: with a name the same one in every conversation, without one this conversation's own."""
    return draw_by("holdout", conversation) if name is None else draw_by("holdout by name", name)


def bounds(shares: tuple[int, ...]) -> tuple[int, ...]:
    """Below which point each share ends; a change of the shares moves only those between the old and the new bounds."""
    ends: list[int] = []
    for share in shares:
        ends.append(share + (ends[-1] if ends else 0))
    return tuple(ends)
