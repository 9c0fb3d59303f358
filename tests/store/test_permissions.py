"""What a contact has said, read in one look, is what the conditions say that ask for each thing by itself."""

from __future__ import annotations

from itertools import product
from random import Random

import sqlalchemy as sa

from conductor_dsl.store.connect import connect
from conductor_dsl.store.permissions import (
    MORE,
    NOTHING,
    YES,
    has_stopped,
    is_undecided,
    plain_word,
    words_of_a_contact,
)
from conductor_dsl.store.tables import contact, membership

LISTS = ("Texts", "News", "*", "sms:*", "sms:34567", "sms:99", "sms:?")
CONTACTS = range(1, 301)


def test_one_look_at_the_words_of_a_contact_says_what_many_say(database_url: str) -> None:
    engine, chance = connect(database_url), Random(1)
    people = [{"id": number, "key": f"c{number}", "updated_at": 1} for number in CONTACTS]
    words = [
        {"contact_id": id_, "list": name, "state": chance.choice(states), "since_at": chance.randrange(3)}
        for id_, name in product(CONTACTS, LISTS)
        if chance.random() < 0.4
        for states in [("subscribed", "unsubscribed", "pending") if name in ("Texts", "News") else ("unsubscribed",)]
    ]
    one = words_of_a_contact("Texts", "34567")
    together = sa.select(*one, plain_word("Texts")).where(membership.c.contact_id == contact.c.id)
    texts = (contact.c.id, sa.literal("Texts", sa.Text))
    stand = sa.select(membership.c.state).where(membership.c.contact_id == contact.c.id)
    apart = sa.select(
        stand.where(membership.c.list == "Texts").scalar_subquery(),
        stand.where(membership.c.list == "*").scalar_subquery(),
        has_stopped(*texts, sa.literal("34567", sa.Text)),
        is_undecided(*texts),
    )
    with engine.begin() as connection:
        connection.execute(sa.insert(contact), people)
        connection.execute(sa.insert(membership), words)
        seen = set()
        for number in CONTACTS:
            only = contact.c.id == number
            own = connection.execute(together.where(only)).one()
            told = connection.execute(apart.where(only)).one()
            assert (*own[:2], *map(bool, own[2:4])) == (*told[:2], *map(bool, told[2:])), number
            if own[4] in (None, NOTHING, YES):
                assert told == ("subscribed" if own[4] == YES else None, None, False, False), number
            seen.add((own[4], *told))
    assert len(seen) > 12
    assert {None, NOTHING, YES, MORE} == {each[0] for each in seen}
    engine.dispose()
