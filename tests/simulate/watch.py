"""Watch: looks at what every transaction is about to commit, for what nobody could see afterwards.

The history checker sees instants; this sees the order of commits. No message is written to somebody who does not want
it, and none begins to leave, once that has been stored. What somebody wants is read from the ledger alone, in plain
Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant

Word = tuple[str, Instant, str]
"""A row of the ledger: list, instant, action."""
_COLUMNS = ("state", "channel", "list", "sender", "address", "created_at", "claimed_by", "lease_until")
_INTENTS = f"SELECT contact_id, conversation_id, entry_no, step, visit, {', '.join(_COLUMNS)} FROM intent"
Place = tuple[int, int, int, int, int]


class Seen(NamedTuple):
    """A message as a transaction leaves it."""

    state: str
    channel: str
    list: str
    sender: str
    address: str
    created_at: Instant
    claimed_by: str | None
    lease_until: Instant | None


@dataclass(slots=True)
class Watch:
    """`note` hears what is wrong; `seen` are the messages as the last commit left them, `since` when they came so."""

    note: Callable[[str], None]
    seen: dict[Place, Seen] = field(default_factory=dict)
    since: dict[Place, Instant] = field(default_factory=dict)

    def before_commit(self, connection: sa.Connection, now: Instant) -> None:
        """Compare what is about to be committed with what was committed before."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute(_INTENTS)
            found = {tuple(row[:5]): Seen(*row[5:]) for row in cursor.fetchall()}
            for place, message in found.items():
                before = self.seen.get(place)
                if before is None:
                    self._check(cursor, place, message, "written")
                elif message.state == "sending" and before.state == "ready":
                    self._check(cursor, place, message, "claimed")
                if before != message:
                    self.since[place] = now
            self.seen = found
        finally:
            cursor.close()

    def _check(self, cursor: Any, place: Place, message: Seen, what: str) -> None:
        if message.list == "":
            return  # nobody's consent is asked
        cursor.execute(f"SELECT list, at, action FROM consent WHERE contact_id = {place[0]}")
        if not wants(cursor.fetchall(), message):
            self.note(f"{what} to contact {place[0]}, who does not want it: {place}")
        cursor.execute(f"SELECT channel FROM suppression WHERE contact_id = {place[0]}")
        if (message.channel,) in {tuple(row) for row in cursor.fetchall()}:
            self.note(f"{what} to contact {place[0]}, whose channel is closed: {place}")
        if what == "claimed":
            self._check_run(cursor, place, message)

    def _check_run(self, cursor: Any, place: Place, message: Seen) -> None:
        run = f"contact_id = {place[0]} AND conversation_id = {place[1]} AND entry_no = {place[2]}"
        cursor.execute(f"SELECT state, ended_at FROM run WHERE {run}")
        rows = cursor.fetchall()
        if rows and rows[0][0] == "exited" and rows[0][1] != message.created_at:
            self.note(f"claimed though its run was ended: {place}")

    def held_by(self, node: str) -> int:
        """How many messages a node has in hand; not those of a batch that it had to leave, its database being gone."""
        mine = [each for each in self.seen.values() if each.state == "sending" and each.claimed_by == node]
        return max(Counter(each.lease_until for each in mine).values(), default=0)

    def left_behind(self, now: Instant) -> list[Place]:
        """The messages whose lease was over by an instant, so that who looked then must have asked about them."""
        sending = [place for place, each in self.seen.items() if each.state == "sending" and self.since[place] < now]
        return [place for place in sending if (self.seen[place].lease_until or 0) <= now]


def wants(words: Sequence[Word], message: Seen) -> bool:
    """Whether somebody who has said this may be written to: texts need a yes, e-mails heed a no."""
    own = _latest(words, message.list)
    if own is not None and own[2] == "unsubscribed":
        return False
    texts = ("sms:*", "sms:?", f"sms:{message.sender}") if message.channel == "sms" else ()
    for whole in ("*", *texts):
        left = _latest(words, whole)
        if left is not None and left[2] == "unsubscribed" and (own is None or own[1] <= left[1]):
            return False
    return own is not None or message.channel == "email"


def _latest(words: Sequence[Word], name: str) -> Word | None:
    """The latest word on a list; of two at one instant the no."""
    return max((word for word in words if word[0] == name), key=lambda word: (word[1], word[2]), default=None)
