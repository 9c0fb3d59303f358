"""A shop on a virtual clock: contacts, scripts, orders and a carrier that answers as the test tells it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.check import check
from conductor_dsl.language.flow import Flow
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Catalogue, Context, CouponPool, ListRule, SavedMessage, ShortCode
from conductor_dsl.language.waivers import FIRM_FAMILIES
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.runtime.arrivals import settle_arrivals, settle_opt_outs
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Programs, Shelf
from conductor_dsl.runtime.publish import Published, Script, publish
from conductor_dsl.shared.clock import Instant, VirtualClock, to_iso
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store import tables as t
from conductor_dsl.store.consents import add_consents
from conductor_dsl.store.contacts import upsert_contacts
from conductor_dsl.store.events import add_events
from conductor_dsl.store.orders import add_orders

NOW = 1_772_467_200_000
"""2026-03-02T16:00Z, a Monday: 11:00 in New York, 16:00 in London."""
MOBILE = "+17175550100"
STAFF = "crm@shop.example"
SAVED = (
    SavedMessage("Hello", "email", "Hello", "Hello {{ first_name | default: 'you' }}"),
    SavedMessage("Winback1", "email", "We miss you", "<p>Hi {{ first_name | default: 'there' }} at {{ brand }}</p>"),
)
CONSTANTS = {"brand": "Shop", "shop_url": "https://shop.example", "unsubscribe_url": "https://shop.example/u?{key}"}
ANSWERS = {"stop": "{{ brand }}: no more texts.", "help": "{{ brand }}: help.", "start": "{{ brand }}: texts again."}
"""What STOP, HELP and START are answered with."""
RULES = (
    ListRule("Double", "sms", "34567", confirm="{{ brand }}: reply YES."),
    ListRule("Letters", "email", subject="Is it you?", confirm="<p>At {{ confirm_url }}</p>"),
    ListRule("Wine", min_age=21, birth="born"),
)
"""Lists that are joined by a second yes only, and one with an age."""
Answer = Verdict | Receipt | Exception
ROUNDS = 2_000


@cache
def host() -> Host:
    """The first-party plugins."""
    found = build_host()
    assert not found.problems
    return found


def catalogue(*saved: SavedMessage) -> Catalogue:
    """What scripts of the shop may name; the messages given stand in for those of the same name."""
    return Catalogue(
        saved={message.name: message for message in (*SAVED, *saved)},
        lists={"sms": "texts", "email": "e-mails", "News": "newsletter", "Texts": "more texts"}
        | {rule.name: "joined by a rule" for rule in RULES},
        codes={
            "34567": ShortCode("34567", ("marketing", "alert", "transactional"), answers=ANSWERS),
            "34568": ShortCode("34568", ("marketing",), answers=ANSWERS, revokes="code"),
            "34569": ShortCode("34569", ("marketing",), answers=ANSWERS, revokes="everything"),
        },
        list_rules=RULES,
        pools={"WB20": CouponPool("WB20", 3, STAFF, "7d")},
        webhook_hosts=("hooks.shop.example",),
        constants=CONSTANTS,
        public_url="https://conductor.shop.example",
        has_settings=True,
    )


def flows(text: str, known: Catalogue) -> list[Flow]:
    """The conversations of a script that can run; these tests are not about what the law wants in messages."""
    checked = check(Source("shop.cdx", text), Context(host().vocabulary, known, read_template))
    wrong = [each for each in checked.report.findings if each.is_error and each.code.startswith(FIRM_FAMILIES)]
    assert not wrong, wrong
    return [bound_to_flow(conversation) for conversation in checked.conversations]


class Carrier:
    """A provider that answers as `answer` says, and remembers every attempt.

    `accepted` are the messages it has taken; `looked_up` is what it says of earlier ones, by default the truth.
    """

    def __init__(self) -> None:
        self.attempts: list[Outgoing] = []
        self.accepted: list[Outgoing] = []
        self.answer: Callable[[Outgoing], Answer] = lambda _: Verdict.ACCEPTED
        self.can_tell = True
        self.closed = 0

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Answer each message; an exception that is an answer is raised once all have been seen."""
        self.attempts += batch
        answers = [(out, self.answer(out)) for out in batch]
        receipts = [_receipt(out, answer) for out, answer in answers if not isinstance(answer, Exception)]
        good = {receipt.key for receipt in receipts if receipt.verdict in (Verdict.ACCEPTED, Verdict.DELIVERED)}
        self.accepted += [out for out in batch if out.key in good]
        for _, answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return receipts

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What has become of earlier messages."""
        if not self.can_tell:
            return None
        return {out.key: _receipt(out, Verdict.ACCEPTED) for out in self.accepted if out.key in keys}

    def close(self) -> None:
        """Count."""
        self.closed += 1


def _receipt(out: Outgoing, answer: Verdict | Receipt) -> Receipt:
    return answer if isinstance(answer, Receipt) else Receipt(out.key, answer, provider_id=f"id-{out.key[:6]}")


class Shop:
    """A database with a node over it."""

    def __init__(self, engine: sa.Engine, now: Instant = NOW) -> None:
        self.engine = engine
        self.clock = VirtualClock(now)
        self.sms, self.email, self.webhook = Carrier(), Carrier(), Carrier()
        self.shelf = Shelf(host())
        self.node = self.new_node()

    def new_node(self, **changes: Any) -> Node:
        """Another node over the same database, with the same carriers."""
        providers = {"sms": self.sms, "email": self.email, "webhook": self.webhook}
        return Node(self.engine, self.shelf, providers, self.clock, **changes)

    def contact(self, key: str, *, ordered: str | None = None, lists: Sequence[str] = ("sms",), **fields: Any) -> None:
        """A contact, with a good number and address and subscribed to texts unless told otherwise.

        `ordered` is how long ago its only order was; unknown names in `fields` are declared fields.
        """
        known = {"mobile": MOBILE, "email": f"{key}@example.com", "first_name": None, "last_name": None, "zone": None}
        plain = {name: fields.pop(name, value) for name, value in known.items()}
        addresses = (*_address(plain["email"], "@"), *_address(plain["mobile"], "+"))
        names, programs = (plain["first_name"], plain["last_name"], plain["zone"]), self.programs()
        row = (key, *addresses, *names, json.dumps(fields))
        with self.engine.begin() as connection:
            upsert_contacts(connection, [row], self.now)
            settle_arrivals(connection, programs, self.now)
        for name in lists:
            self.consent(key, name)
        if ordered is not None:
            self.order(key, "first", at=Duration.parse(ordered).before(self.now))

    @property
    def now(self) -> Instant:
        """The instant of the clock."""
        return self.clock.now()

    def publish(self, *texts: str, saved: Sequence[SavedMessage] = (), **settings: Any) -> Published:
        """Make the conversations of these scripts the live ones; `settings` are of the catalogue."""
        known = replace(catalogue(*saved), **settings)
        scripts = [Script(flow, text) for text in texts for flow in flows(text, known)]
        with self.engine.begin() as connection:
            return publish(connection, scripts, known, host(), self.now)

    def programs(self) -> Programs:
        """What is published."""
        with self.engine.connect() as connection:
            return self.shelf.programs(connection)

    def order(self, key: str, number: str, *, at: Instant | None = None, total: float = 20.0) -> None:
        """Somebody orders, now unless told otherwise, and it takes its effect."""
        at, programs = self.now if at is None else at, self.programs()
        payload = json.dumps({"order_id": number, "total": total, "placed_at": at})
        with self.engine.begin() as connection:
            add_orders(connection, [(0, None, key, number, at, int(total * 100), "[]", payload)], self.now)
            settle_arrivals(connection, programs, self.now)

    def event(self, key: str, name: str, number: str = "1", *, at: Instant | None = None, **payload: Any) -> None:
        """Something happens to somebody, and takes its effect."""
        at, programs = self.now if at is None else at, self.programs()
        with self.engine.begin() as connection:
            add_events(connection, [(0, key, f"{name}-{number}", name, at, json.dumps(payload))])
            settle_arrivals(connection, programs, self.now)

    def arrive(self, rows: list[tuple[object, ...]]) -> None:
        """Events, in the columns of `incoming_event`, arrive in one batch."""
        programs = self.programs()
        with self.engine.begin() as connection:
            add_events(connection, rows)
            settle_arrivals(connection, programs, self.now)

    def consent(self, key: str, name: str, action: str = "subscribed", *, at: Instant | None = None) -> None:
        """Somebody subscribes to a list, or unsubscribes from it, and it takes its effect."""
        programs, at = self.programs(), self.now if at is None else at
        with self.engine.begin() as connection:
            add_consents(connection, [(0, None, key, name, at, action, "", "", "")], self.now)
            settle_opt_outs(connection, self.now)
            settle_arrivals(connection, programs, self.now)

    def suppress(self, key: str, channel: str) -> None:
        """A channel is closed to somebody, say because a number does not exist any more."""
        values = {"contact_id": self.id(key), "channel": channel, "reason": "bounced", "at": self.now}
        self.execute(sa.insert(t.suppression).values(values))

    def execute(self, statement: Any) -> None:
        """Run a statement in a transaction of its own."""
        with self.engine.begin() as connection:
            connection.execute(statement)

    def rows(self, statement: sa.Select[Any]) -> list[sa.Row[Any]]:
        """What a query gives."""
        with self.engine.connect() as connection:
            return list(connection.execute(statement))

    def change(self, key: str, **columns: Any) -> None:
        """Change columns of a contact, as an import would."""
        who = sa.update(t.contact).where(t.contact.c.key == key)
        self.execute(who.values(columns | {"updated_at": self.now}))

    def id(self, key: str) -> int:
        """The id of a contact."""
        [row] = self.rows(sa.select(t.contact.c.id).where(t.contact.c.key == key))
        return int(row.id)

    def run(self) -> Instant | None:
        """Do what is due now; returns when something is due next."""
        due = self.node.run_due()
        assert due is None or due > self.now, "a node that is done must not be due again at once"
        return due

    def pass_time(self, duration: str) -> None:
        """Let time pass, stopping wherever something is due."""
        until = Duration.parse(duration).after(self.now)
        for _ in range(ROUNDS):
            due = self.run()
            if due is None or due > until:
                break
            self.clock.move_to(due)
        else:
            raise AssertionError(f"still due after {ROUNDS} rounds, at {to_iso(self.now)}")
        self.clock.move_to(until)
        self.run()

    def runs(self, key: str) -> list[sa.Row[Any]]:
        """The runs of a contact, oldest first."""
        of = t.run.c.contact_id == self.id(key)
        return self.rows(sa.select(t.run).where(of).order_by(t.run.c.conversation_id, t.run.c.entry_no))

    def state(self, key: str) -> str:
        """How the latest run of a contact stands: `active`, or `exited: no match`."""
        last = self.runs(key)[-1]
        return f"{last.state}: {last.reason}" if last.ended_at is not None else str(last.state)

    def intents(self, key: str) -> list[sa.Row[Any]]:
        """The messages of a contact, oldest first."""
        c = t.intent.c
        order = (c.created_at, c.conversation_id, c.entry_no, c.visit, c.step)
        return self.rows(sa.select(t.intent).where(c.contact_id == self.id(key)).order_by(*order))

    def messages(self, key: str) -> list[tuple[str, str | None]]:
        """The states of a contact's messages, with reasons."""
        return [(row.state, row.reason) for row in self.intents(key)]

    def history(self, key: str) -> list[tuple[str, str, str | None]]:
        """What is told of a contact: (step, kind, reason), in order."""
        found = sa.select(t.history).where(t.history.c.contact_id == self.id(key))
        found = found.where(t.history.c.conversation_id != t.SYSTEM)
        versions = {each.conversation_id: each for each in self.programs().by_version.values()}
        rows = self.rows(found.order_by(t.history.c.at, t.history.c.entry_no, t.history.c.step))
        return [(versions[row.conversation_id].flow.steps[row.step].name, row.kind, row.reason) for row in rows]

    def answered(self, key: str) -> list[tuple[str, str | None]]:
        """What is told of a contact outside conversations: (kind, reason), in order."""
        c = t.history.c
        found = sa.select(c.kind, c.reason).where(c.contact_id == self.id(key), c.conversation_id == t.SYSTEM)
        return [(row.kind, row.reason) for row in self.rows(found.order_by(c.at, c.entry_no))]

    def ledger(self, key: str) -> list[sa.Row[Any]]:
        """The words of a contact, oldest first."""
        c = t.consent.c
        return self.rows(sa.select(t.consent).where(c.contact_id == self.id(key)).order_by(c.at, c.list))

    def reasons(self, key: str) -> list[str | None]:
        """Why messages to a contact were skipped."""
        return [reason for _, kind, reason in self.history(key) if kind == "skipped"]

    def stored(self, key: str) -> dict[str, Any]:
        """The declared fields of a contact."""
        [row] = self.rows(sa.select(t.contact.c.fields).where(t.contact.c.key == key))
        found: dict[str, Any] = json.loads(row.fields)
        return found

    def texts(self) -> list[str]:
        """The texts that were accepted."""
        return [out.text for out in self.sms.accepted]


def _address(value: str | None, mark: str) -> tuple[str | None, str]:
    if value is None:
        return None, "missing"
    return value, "valid" if mark in value else "invalid"
