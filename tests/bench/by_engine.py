"""The winback through the engine, with everything on: consent, hours of the law, zones, caps, Liquid, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.check import check
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Catalogue, Context, SavedMessage, ShortCode
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.project.toml_to_hours import hours_of_law
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.runtime.publish import Script, publish
from conductor_dsl.runtime.settling import settling_on
from conductor_dsl.shared.clock import VirtualClock
from conductor_dsl.shared.rules import Rules
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import intent, run
from tests.bench.shop import (
    BATCH,
    BODY,
    BRAND,
    NOW,
    POSTAL_ADDRESS,
    SCRIPT,
    SENT,
    SHOP_URL,
    STEPS,
    SUBJECT,
    UNSUBSCRIBE_URL,
    WAIT,
)
from tests.bench.worker import Done, Play

CATALOGUE = Catalogue(
    saved={"Winback1": SavedMessage("Winback1", "email", SUBJECT, BODY)},
    lists={"Customers": "e-mails", "Texts": "texts"},
    codes={"34567": ShortCode("34567", ("marketing",))},
    constants={
        "brand": BRAND,
        "shop_url": SHOP_URL,
        "postal_address": POSTAL_ADDRESS,
        "unsubscribe_url": UNSUBSCRIBE_URL,
    },
    senders={"email": "hello@alder.example"},
    has_settings=True,
)


RULES = Rules(hours_of_law())


class Accepting:
    """A provider that takes every message and keeps none."""

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Accept."""
        accepted = Verdict.ACCEPTED
        return [Receipt(out.key, accepted, out.key) for out in batch]

    def look_up(self, keys: Sequence[str]) -> None:
        """It does not remember."""

    def close(self) -> None:
        """It holds nothing."""


def prepare(url: str, _options: Mapping[str, Any]) -> Play:
    """Publish the winback; returns what is to be timed: it plays to the end and gives how many steps were done."""
    node = open_node(url)

    def play() -> Done:
        clock, next_at = node.clock, node.run_due()
        assert isinstance(clock, VirtualClock)
        while next_at is not None and next_at <= NOW + WAIT:
            clock.move_to(next_at)
            next_at = node.run_due()
        return Done(STEPS * _ended(node.engine))

    return play


def open_node(url: str) -> Node:
    """A node over the database, with the winback published."""
    host, engine = build_host(), connect(url)
    with engine.begin() as connection:
        publish(connection, [_script(host)], CATALOGUE, host, NOW)
    provider = Accepting()
    providers, clock = {"sms": provider, "email": provider}, VirtualClock(NOW)
    return Node(engine, Shelf(host), providers, clock, batch=BATCH, rules=RULES, settling=settling_on(engine))


def _script(host: Host) -> Script:
    checked = check(Source("winback.cdx", SCRIPT), Context(host.vocabulary, CATALOGUE, read_template))
    if checked.report.findings:
        raise AssertionError(checked.report.findings)
    [conversation] = checked.conversations
    return Script(bound_to_flow(conversation), SCRIPT)


def _ended(engine: sa.Engine) -> int:
    """How many runs have ended; each must have had its messages accepted."""
    with engine.connect() as connection:
        ended = connection.scalar(sa.select(sa.func.count()).where(run.c.state == "completed")) or 0
        accepted = connection.scalar(sa.select(sa.func.count()).where(intent.c.state == "accepted"))
        other = connection.scalar(sa.select(sa.func.count()).where(run.c.state != "completed"))
    assert (accepted, other) == (SENT * ended, 0), (ended, accepted, other)
    return ended
