"""Permissions: who must not get a text, by what they have texted themselves."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from conductor_dsl.store.consents import SUBSCRIBED, UNSUBSCRIBED
from conductor_dsl.store.tables import EVERY_LIST, EVERY_TEXT, TEXTS_FROM, UNDECIDED_TEXT, membership, texts_from

Text = sa.ColumnElement[Any]
NOTHING, YES, MORE = range(3)


def has_stopped(contact_id: Text, list_: Text, sender: Text) -> sa.ColumnElement[bool]:
    """Whether a contact has ended all texts, or those of a sender, and has not agreed to the list afterwards."""
    return _has_left(contact_id, list_, sa.or_(_list == EVERY_TEXT, _list == sa.literal(TEXTS_FROM, sa.Text) + sender))


def is_undecided(contact_id: Text, list_: Text) -> sa.ColumnElement[bool]:
    """Whether a contact has texted what nobody has understood, and nobody has decided since."""
    return _has_left(contact_id, list_, _list == UNDECIDED_TEXT)


class Words(NamedTuple):
    """What a contact has said of a list and of all texts, as aggregates over the rows of `membership` of one contact.

    `own` is where it stands on the list, `of_every_list` on all of them; both NULL where it has said nothing.
    """

    own: sa.ColumnElement[Any]
    of_every_list: sa.ColumnElement[Any]
    has_stopped: sa.ColumnElement[bool]
    is_undecided: sa.ColumnElement[bool]


def words_of_a_contact(list_: str, sender: str | None) -> Words:
    """The same as the functions above say, in one look at the words of a contact; `sender` is that of a text."""
    row, name = membership.c, membership.c.list
    left = row.state == UNSUBSCRIBED
    agreed_at = _latest(sa.and_(name == list_, row.state == SUBSCRIBED), row.since_at)

    def has_left(*lists: str) -> sa.ColumnElement[bool]:
        left_at = _latest(sa.and_(name.in_(lists), left), row.since_at)
        return left_at >= sa.func.coalesce(agreed_at, left_at)

    return Words(
        own=_latest(name == list_, row.state),
        of_every_list=_latest(name == EVERY_LIST, row.state),
        has_stopped=sa.false() if sender is None else has_left(EVERY_TEXT, texts_from(sender)),
        is_undecided=sa.false() if sender is None else has_left(UNDECIDED_TEXT),
    )


def plain_word(list_: str) -> sa.ColumnElement[int]:
    """How much there is to be looked at in what a contact has said, as an aggregate like those of `Words`.

    NOTHING (or NULL) if there is no word that concerns the list, YES if it has agreed to it, and has never said
    anything but yes to anything; else MORE.
    """
    row = membership.c
    return sa.func.max(sa.case((row.state != SUBSCRIBED, MORE), (row.list == list_, YES), else_=NOTHING))


def _latest(which: sa.ColumnElement[bool], column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """The highest value of a column in the rows that `which` describes, NULL where there are none."""
    return sa.func.max(sa.case((which, column)))


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
