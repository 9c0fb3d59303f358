"""What is held against the night: a plain account, from when messages were due and when they were taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.shared.clock import HOUR, MINUTE, Instant
from conductor_dsl.store import tables as t
from tests.standstill.standstill import BOUGHT, LEFT, Night, Standstill
from tests.standstill.world import BEGINS, WAKES, Plan, Taken, is_open, plans, zones

LATE = HOUR


@dataclass(frozen=True, slots=True)
class Account:
    """What was found wrong, a line each, and what became of whatever was due, by reason."""

    wrong: tuple[str, ...]
    reasons: Mapping[str, int]
    crowded: float
    """Of the messages of a zone that waited for its window, the largest share that left in one minute."""


def judge(shop: Standstill, night: Night) -> Account:
    """Hold what was taken, and the database, against what should be."""
    sent = [(plan, each) for each in night.taken for plan in plans() if _is_of(each, plan)]
    late = [(plan, each) for plan, each in sent if each.at >= WAKES]
    reasons = _reasons(shop)
    wrong = [
        *_out_of_hours(late),
        *_too_old(late),
        *_doubled(late),
        *_unwanted(shop, late),
        *_unexplained(shop, reasons),
    ]
    return Account(tuple(wrong), reasons, _crowd([(plan, each) for plan, each in late if each.at > night.until]))


def _is_of(taken: Taken, plan: Plan) -> bool:
    return plan.channel == taken.channel and plan.mark in taken.text


def _out_of_hours(late: list[tuple[Plan, Taken]]) -> Iterator[str]:
    places = zones()
    for plan, each in late:
        if not is_open(each.at, places[each.contact % len(places)]):
            yield f"{plan.name} to {each.contact} left outside of its window"


def _too_old(late: list[tuple[Plan, Taken]]) -> Iterator[str]:
    for plan, each in late:
        if BEGINS + plan.minutes * MINUTE <= WAKES - plan.live_for:
            yield f"{plan.name} to {each.contact} left although its time was over"


def _doubled(late: list[tuple[Plan, Taken]]) -> Iterator[str]:
    """Of those that advertise by one channel and were late, one to a contact, and the newest that was alive."""
    by_contact: dict[tuple[int, str], list[Plan]] = defaultdict(list)
    for plan, each in late:
        if plan.lane == "marketing" and BEGINS + plan.minutes * MINUTE <= WAKES - LATE:
            by_contact[each.contact, each.channel].append(plan)
    for (contact, channel), got in by_contact.items():
        if len(got) > 1:
            yield f"contact {contact} got {len(got)} late messages by {channel}"


def _unwanted(shop: Standstill, late: list[tuple[Plan, Taken]]) -> Iterator[str]:
    left, bought = set(shop.those(LEFT)), set(shop.those(BOUGHT))
    for plan, each in late:
        if plan.channel == "sms" and each.contact in left:
            yield f"{plan.name} to {each.contact}, who had left the texts"
        if plan.exits and each.contact in bought:
            yield f"{plan.name} to {each.contact}, who had bought"


def _reasons(shop: Standstill) -> dict[str, int]:
    """What became of the runs of those who were late: how their message ended, and else how they did."""
    ran, wrote, told = t.run.c, t.intent.c, t.history.c
    same = sa.and_(wrote.contact_id == ran.contact_id, wrote.conversation_id == ran.conversation_id)
    passed = sa.and_(
        told.contact_id == ran.contact_id, told.conversation_id == ran.conversation_id, told.kind == "skipped"
    )
    message = sa.select(sa.func.coalesce(wrote.reason, wrote.state)).where(same).limit(1).scalar_subquery()
    skipped = sa.select(told.reason).where(passed).limit(1).scalar_subquery()
    open_ = sa.case((ran.ended_at.is_(None), f"{ran.state.name}: still open"))
    word = sa.func.coalesce(message, skipped, open_, ran.reason)
    named = sa.select(word, sa.func.count()).join_from(
        t.run, t.conversation, t.conversation.c.id == ran.conversation_id
    )
    named = named.where(t.conversation.c.name.in_([plan.name for plan in plans()])).group_by(word)
    with shop.engine.connect() as connection:
        return {str(row[0]): row[1] for row in connection.execute(named)}


def _unexplained(shop: Standstill, reasons: Mapping[str, int]) -> Iterator[str]:
    """Everybody who came in got the message, or there is a reason why not."""
    silent = sum(
        count for reason, count in reasons.items() if reason in ("None", "end", "end of chain") or "open" in reason
    )
    if silent:
        yield f"of {silent} nothing tells why they got no message"
    with shop.engine.connect() as connection:
        entered = connection.scalar(sa.select(sa.func.count()).where(t.run.c.entered_at == BEGINS)) or 0
    if sum(reasons.values()) != entered:
        yield f"{entered} came in, and of {sum(reasons.values())} it is known what became of them"


def _crowd(late: list[tuple[Plan, Taken]]) -> float:
    places = zones()
    minutes: dict[tuple[str, Instant], int] = Counter()
    whole: dict[str, int] = Counter()
    for _, each in late:
        zone = places[each.contact % len(places)]
        minutes[zone, each.at // MINUTE] += 1
        whole[zone] += 1
    return max((count / whole[zone] for (zone, _), count in minutes.items() if whole[zone] >= 100), default=0.0)
