"""Permissions: who must not get a text, by what they have texted themselves."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.store.consents import SUBSCRIBED, UNSUBSCRIBED
from conductor_dsl.store.tables import EVERY_TEXT, TEXTS_FROM, UNDECIDED_TEXT, membership

Text = sa.ColumnElement[Any]


def has_stopped(contact_id: Text, list_: Text, sender: Text) -> sa.ColumnElement[bool]:
    """Whether a contact has ended all texts, or those of a sender, and has not agreed to the list afterwards."""
    return _has_left(contact_id, list_, sa.or_(_list == EVERY_TEXT, _list == sa.literal(TEXTS_FROM, sa.Text) + sender))


def is_undecided(contact_id: Text, list_: Text) -> sa.ColumnElement[bool]:
    """Whether a contact has texted what nobody has understood, and nobody has decided since."""
    return _has_left(contact_id, list_, _list == UNDECIDED_TEXT)


_stopped = membership.alias("stopped")
_list = _stopped.c.list


def _has_left(contact_id: Text, list_: Text, what: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    own = membership.alias("agreed")
    agreed = sa.exists().where(
        own.c.contact_id == _stopped.c.contact_id,
        own.c.list == list_,
        own.c.state == SUBSCRIBED,
        own.c.since_at > _stopped.c.since_at,
    )
    not_since = ~agreed.correlate_except(own)
    left = sa.exists().where(_stopped.c.contact_id == contact_id, what, _stopped.c.state == UNSUBSCRIBED, not_since)
    return left.correlate_except(_stopped)
