"""Text meanings: the texts that have just arrived, and what their authors mean by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.program.json_sql import json_word
from conductor_dsl.replies.text_to_meaning import Meaning, Understood, text_to_meaning
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival
from conductor_dsl.store.texts import RECEIVED


class Text(NamedTuple):
    """A text that means something, from a contact to a code; `key` is that of its event."""

    contact_id: int
    at: Instant
    text: str
    code: str
    key: str
    understood: Understood

    @property
    def proof(self) -> str:
        """The text with the name of its event, as the ledger keeps it."""
        return f"{self.text} (event {self.key})"


def meant(connection: sa.Connection, only_code: str) -> Iterator[Text]:
    """The texts in `arrival` that mean anything, in the order in which they were written.

    One that does not say which number it went to went to `only_code`.
    """
    text, keyword, code = (json_word(arrival.c.payload, sa.literal(name)) for name in ("text", "keyword", "code"))
    said = sa.select(
        arrival.c.contact_id,
        arrival.c.at,
        sa.func.coalesce(text, keyword, ""),
        sa.func.coalesce(code, only_code),
        sa.func.coalesce(arrival.c.key, ""),
    )
    received = said.where(arrival.c.name == RECEIVED).order_by(arrival.c.at, arrival.c.number)
    for contact_id, at, written, number, key in connection.execute(received).all():
        understood = text_to_meaning(written)
        if understood.meaning != Meaning.OTHER:
            yield Text(contact_id, at, written, number, key, understood)


def rounds(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """The first text of each contact, then the second, and so on."""
    by_contact: dict[int, list[Text]] = defaultdict(list)
    for each in texts:
        by_contact[each.contact_id].append(each)
    for number in range(max(map(len, by_contact.values()), default=0)):
        yield [each[number] for each in by_contact.values() if number < len(each)]
