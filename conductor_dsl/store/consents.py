"""Consent: a ledger that only grows, and the latest word of it for each contact and list.

The latest word is the one with the latest instant, in whatever order the rows come; of two at the same instant the
opt-out counts. An opt-out from the list `*` is a word about every list. One yes to a list that wants two makes a
contact pending: it gets nothing but the request to confirm.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.program.json_sql import json_put, json_record
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival, empty
from conductor_dsl.store.confirmations import PENDING, ask_to_confirm
from conductor_dsl.store.happenings import Chosen, add_arrivals, add_happenings
from conductor_dsl.store.incoming import incoming_consent, take, take_for_contacts
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.list_rules import double_lists
from conductor_dsl.store.tables import EVERY_LIST, TEXTS_FROM, consent, contact, membership

SUBSCRIBED = "subscribed"
CONFIRMED = "confirmed"
"""A yes that needs no second one."""
UNSUBSCRIBED = "unsubscribed"
_NAMES = ("contact_id", "list", "at", "action", "source", "shown_text", "proof")


def add_consents(connection: sa.Connection, rows: list[tuple[object, ...]], now: Instant) -> tuple[int, set[int]]:
    """Store rows in the columns of `incoming_consent`.

    Returns how many were new, and the numbers of those whose contact does not exist. A contact of whom there is a new
    word has changed `now`, so that audiences look at it again. What it joins and leaves by that lies in `arrival`
    afterwards, as events.
    """
    unknown = take_for_contacts(connection, incoming_consent, rows)
    empty(connection, arrival)
    return _keep(connection, now, add_arrivals), unknown


def add_words(connection: sa.Connection, chosen: sa.Select[Any], now: Instant, caused_by: int) -> int:
    """Store what a step says of its contacts, whom the pass has in hand; returns how many words were new.

    `chosen` selects (contact_id, list, at, action, source, shown_text, proof). What the contacts join and leave by that
    happens when the pass is over; `caused_by` is the conversation of the step.
    """
    take(connection, incoming_consent, [])
    words = chosen.subquery("words")
    number = sa.func.row_number().over(order_by=words.c[0])
    names = ("number", "contact_key", *_NAMES)
    rows = sa.select(number, sa.literal("", sa.Text), *words.c)
    connection.execute(sa.insert(incoming_consent).from_select(names, rows))
    return _keep(connection, now, partial(add_happenings, caused_by=caused_by))


def hear_words(connection: sa.Connection, rows: list[tuple[object, ...]], now: Instant) -> int:
    """Store what people have texted, in the columns of `incoming_consent` with the contact's number.

    Returns how many words were new. What is joined and left by them is added to `arrival`.
    """
    take(connection, incoming_consent, rows)
    return _keep(connection, now, add_arrivals)


def tell_words(connection: sa.Connection, rows: list[tuple[object, ...]], now: Instant) -> int:
    """Store words, in the columns of `incoming_consent` with the contact's number; there need be no arrivals.

    Returns how many were new. What is joined and left by them happens when a node gets to it.
    """
    take(connection, incoming_consent, rows)
    return _keep(connection, now, add_happenings)


def _keep(connection: sa.Connection, now: Instant, tell: Callable[[sa.Connection, Chosen], int]) -> int:
    """Add what `incoming_consent` holds to the ledger, tell of what changes by it, and bring the latest words up."""
    double = double_lists(connection)
    connection.execute(_changed_contacts(now))
    tell(connection, joins_and_leaves(_new_words(), double))
    known = sa.select(incoming_consent).where(incoming_consent.c.contact_id.is_not(None))
    columns: dict[str, Any] = {name: incoming_consent.c[name] for name in _NAMES}
    columns["stored_at"] = sa.literal(now, sa.BigInteger)
    added = insert_missing(connection, consent, columns, known)
    connection.execute(_latest_words(connection.dialect.name, double))
    tell(connection, _left_with_everything())
    connection.execute(_opt_outs_from_everything())
    if double:
        ask_to_confirm(connection, now)
    return added


def _changed_contacts(now: Instant) -> sa.Update:
    """Stamp the contacts of whom there is a word that the ledger does not hold yet."""
    new = _new_words().with_only_columns(incoming_consent.c.contact_id)
    return sa.update(contact).where(contact.c.id.in_(new)).values(updated_at=now)


def _new_words() -> sa.Select[Any]:
    """The words (contact_id, list, at, action) that the ledger does not hold yet, each once."""
    coming = [incoming_consent.c[name] for name in ("contact_id", "list", "at", "action")]
    stored = sa.exists().where(*(consent.c[column.name] == column for column in coming))
    return sa.select(*coming).where(incoming_consent.c.contact_id.is_not(None), ~stored).distinct()


def _state(words: Any, double: Collection[str]) -> sa.ColumnElement[str]:
    """Where a word lets its contact stand: for a list of `double` one yes is not enough, but for who is on it."""
    own = sa.and_(membership.c.contact_id == words.contact_id, membership.c.list == words.list)
    stands = sa.select(membership.c.state).where(own).correlate_except(membership).scalar_subquery()
    once = sa.and_(words.action == SUBSCRIBED, words.list.in_(double), stands.is_distinct_from(SUBSCRIBED))
    return sa.case((once, PENDING), (words.action == CONFIRMED, SUBSCRIBED), else_=words.action)


def joins_and_leaves(words: sa.Select[Any], double: Collection[str] = ()) -> sa.Select[Any]:
    """The events `subscribed` and `unsubscribed` that new words make, as `happenings` takes them.

    `words` selects (contact_id, list, at, action), and is asked before they are stored. Only a word that changes where
    its contact stands is an event, so nobody joins a list twice; nor does history that is told late. `first` is the
    first yes ever to that list; where a second one is wanted, that counts.
    """
    raw = words.subquery("raw").c
    new = sa.select(raw.contact_id, raw.list, raw.at, _state(raw, double).label("action")).subquery("new")
    of_one, in_order = (new.c.contact_id, new.c.list), (new.c.at, sa.case((new.c.action == UNSUBSCRIBED, 1), else_=0))
    of_list = sa.and_(membership.c.contact_id == new.c.contact_id, membership.c.list == new.c.list)
    said = sa.case((new.c.action == SUBSCRIBED, new.c.at))
    word_before = sa.func.lag(new.c.action).over(partition_by=of_one, order_by=in_order)
    told = sa.select(
        *new.c,
        sa.func.coalesce(word_before, membership.c.state).label("before"),
        sa.func.min(said).over(partition_by=of_one).label("first_at"),
    ).join_from(new, membership, of_list, isouter=True)
    tie = sa.and_(new.c.at == membership.c.since_at, new.c.action == UNSUBSCRIBED)
    later = sa.or_(membership.c.since_at.is_(None), new.c.at > membership.c.since_at, tie)
    everything = membership.alias("everything")
    # A subquery for each row, by the key: as a join it might be planned to go through the whole table.
    left_all = sa.select(everything.c.since_at).where(
        everything.c.contact_id == new.c.contact_id,
        everything.c.list == EVERY_LIST,
        everything.c.state == UNSUBSCRIBED,
    )
    overtaken = sa.func.coalesce(left_all.scalar_subquery(), -1) >= new.c.at
    # What a text ends is left list by list, too; only that is an event.
    own = new.c.list.not_like(TEXTS_FROM + "%")
    moves = told.where(own, later, ~overtaken).subquery("moves").c
    earlier = sa.exists().where(
        consent.c.contact_id == moves.contact_id, consent.c.list == moves.list, consent.c.at < moves.at
    )
    one_is_enough = sa.and_(consent.c.action == SUBSCRIBED, consent.c.list.not_in(double))
    first = sa.and_(moves.at == moves.first_at, ~earlier.where(sa.or_(one_is_enough, consent.c.action == CONFIRMED)))
    payload = sa.case(
        (moves.action == UNSUBSCRIBED, json_record("list", moves.list)),
        (first, json_put(json_record("list", moves.list), "first", "true")),
        else_=json_put(json_record("list", moves.list), "first", "false"),
    )
    chosen = sa.select(moves.contact_id, moves.action, moves.at, payload, _key(moves.action, moves.list, moves.at))
    return chosen.where(moves.action != PENDING, moves.action.is_distinct_from(moves.before))


def _left_with_everything() -> sa.Select[Any]:
    """The events of those whose opt-out from `*` is about to count for a list."""
    everything = membership.alias("everything")
    action, at = sa.literal(UNSUBSCRIBED, sa.Text), everything.c.since_at
    payload, key = json_record("list", membership.c.list), _key(action, membership.c.list, at)
    chosen = sa.select(membership.c.contact_id, action, at, payload, key)
    return chosen.join_from(everything, membership, everything.c.contact_id == membership.c.contact_id).where(
        *_overruled(everything)
    )


def _key(action: Any, list_: Any, at: Any) -> sa.ColumnElement[str]:
    return sa.cast(action, sa.Text) + " " + sa.func.substr(list_, 1, 100) + " " + sa.cast(at, sa.Text)


def _latest_words(dialect: str, double: Collection[str]) -> Any:
    """Let a later word replace an earlier one, never the other way round."""
    coming = incoming_consent.c
    rank = sa.func.row_number().over(
        partition_by=(coming.contact_id, coming.list),
        order_by=(coming.at.desc(), sa.case({UNSUBSCRIBED: 0, CONFIRMED: 1}, value=coming.action, else_=2)),
    )
    state = _state(coming, double).label("action")
    ranked = sa.select(coming.contact_id, coming.list, state, coming.at, rank.label("rank"))
    words = ranked.where(coming.contact_id.is_not(None)).subquery("words")
    latest = sa.select(words.c.contact_id, words.c.list, words.c.action, words.c.at).where(words.c.rank == 1)
    insert = sqlite.insert(membership) if dialect == "sqlite" else postgresql.insert(membership)
    put = insert.from_select(list(membership.c), latest)
    new = put.excluded
    surer = sa.or_(new.state == UNSUBSCRIBED, sa.and_(new.state == SUBSCRIBED, membership.c.state == PENDING))
    tie = sa.and_(new.since_at == membership.c.since_at, surer)
    return put.on_conflict_do_update(
        index_elements=[membership.c.contact_id, membership.c.list],
        set_={"state": new.state, "since_at": new.since_at},
        where=sa.or_(new.since_at > membership.c.since_at, tie),
    )


def _opt_outs_from_everything() -> sa.Update:
    """Let an opt-out from `*` count for every list on which there is no later word."""
    everything = membership.alias("everything")
    turned = sa.update(membership).where(everything.c.contact_id == membership.c.contact_id)
    return turned.where(*_overruled(everything)).values(state=UNSUBSCRIBED, since_at=everything.c.since_at)


def _overruled(everything: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """Conditions on the memberships of the contacts in hand that a word on every list has overtaken."""
    return [
        membership.c.contact_id.in_(sa.select(incoming_consent.c.contact_id)),
        membership.c.list != EVERY_LIST,
        membership.c.list.not_like(TEXTS_FROM + "%"),
        membership.c.state.in_([SUBSCRIBED, PENDING]),
        everything.c.list == EVERY_LIST,
        everything.c.state == UNSUBSCRIBED,
        everything.c.since_at >= membership.c.since_at,
    ]
