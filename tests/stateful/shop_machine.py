"""What may happen to a shop, in any order, to the engine and to the model alike; afterwards they must agree."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from conductor_dsl.plugin.channels import Outgoing, Verdict
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.runtime.publish import Script, publish
from conductor_dsl.runtime.verify.nouns import Attempt
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import HOUR, SECOND, Instant
from conductor_dsl.store import tables as t
from conductor_dsl.store.erase import erase
from tests.conformance.shop import NOW, Shop, catalogue, flows, host
from tests.stateful.model import Edition, Model, Person

POINTS = ("advance.before_commit", "advance.committed", "dispatch.claimed", "dispatch.sent", "dispatch.settled")
KEYS = ("ada", "bea", "cleo")
EDITIONS = [
    Edition(word, patience, reentry, in_flight)
    for word, patience, reentry, in_flight in (
        ("Old", 48, "always", "keep"),
        ("New", 24, "always", "move"),
        ("Bold", 72, "restart", "keep"),
        ("Shy", 30, "never", "move"),
        ("Last", 48, "restart", "end"),
    )
]
SCRIPT = """
event ping {{ }}
event pong {{ }}
event stop {{ }}
conversation "C" {{
  reentry {reentry}
  exit on stop
  in_flight {in_flight}
  thread "T" on ping {{
    sms "{word} first" as "First" -> wait for pong up to {patience}h
    -> email subject "Hello" body "{word} second" as "Second" -> wait 24h -> sms "{word} last" as "Last" -> end
  }}
}}
"""


@cache
def _scripts(edition: Edition) -> tuple[Script, ...]:
    text = SCRIPT.format(**asdict(edition))
    return tuple(Script(flow, text) for flow in flows(text, catalogue()))


class Killed(BaseException):
    """The process of a node ends."""


class ShopMachine(RuleBasedStateMachine):
    """A shop and its model; `open_shop` gives an empty one.

    Within an hour the clock only goes on by seconds, by more than a lease where a node has died; who waits, waits for
    whole hours. So what is due at an hour is due in both worlds, whatever seconds a crash has cost.
    """

    open_shop: Callable[[], Shop]

    def __init__(self) -> None:
        super().__init__()
        self.shop = type(self).open_shop()
        self.model = Model(NOW, EDITIONS[0])
        self.numbers = 0
        self.ids: dict[str, int] = {}
        self.attempts: dict[str, list[Attempt]] = {}
        self.sent: dict[int, list[tuple[str, str]]] = {}
        self.erased: dict[str, Person] = {}
        for carrier in (self.shop.sms, self.shop.email):
            carrier.answer = self._answer
        self._publish(EDITIONS[0])

    def _answer(self, out: Outgoing) -> Any:
        self.attempts.setdefault(out.key, []).append(Attempt(out.key, out.to, out.text, self.now, True))
        self.sent.setdefault(int(out.contact), []).append((out.channel, out.text.strip()))
        return Verdict.ACCEPTED

    @property
    def now(self) -> Instant:
        """The instant of the clock."""
        return self.shop.now

    def _pass(self, milliseconds: int = SECOND) -> None:
        self.shop.clock.move_to(self.now + milliseconds)

    def _publish(self, edition: Edition) -> None:
        with self.shop.engine.begin() as connection:
            publish(connection, _scripts(edition), catalogue(), host(), self.now)

    @precondition(lambda self: len(self.model.people) + len(self.erased) < len(KEYS))
    @rule(agrees=st.booleans())
    def add_contact(self, agrees: bool) -> None:
        """Somebody is imported, perhaps with a yes to texts."""
        self._pass()
        key = KEYS[len(self.model.people) + len(self.erased)]
        self.shop.contact(key, lists=("sms",) if agrees else ())
        self.ids[key] = self.shop.id(key)
        self.model.people[key] = Person({"sms": (self.now, "subscribed")} if agrees else {})

    @precondition(lambda self: self.model.people)
    @rule(data=st.data(), name=st.sampled_from(["ping", "ping", "pong", "stop"]), ago=st.sampled_from([0, 0, 0, 5]))
    def event(self, data: st.DataObject, name: str, ago: int) -> None:
        """Something happens, or is told late."""
        self._pass()
        key, at = self._somebody(data), max(NOW, self.now - ago * HOUR)
        self.numbers += 1
        self.shop.event(key, name, str(self.numbers), at=at)
        match name:
            case "ping":
                self.model.enter(key, self.now)
            case "pong":
                self.model.answer(key, at, self.now)
            case _:
                self.model.leave(key, at)

    @precondition(lambda self: self.model.people)
    @rule(data=st.data(), name=st.sampled_from(["sms", "email", "*"]), action=st.sampled_from(["un", ""]))
    def word(self, data: st.DataObject, name: str, action: str) -> None:
        """Somebody leaves a list, or all of them, or joins one."""
        self._pass()
        key, action = self._somebody(data), f"{action}subscribed"
        name = "email" if (name, action) == ("*", "subscribed") else name
        self.shop.consent(key, name, action)
        self.model.say(key, name, action, self.now)

    @rule(edition=st.sampled_from(EDITIONS))
    def publish(self, edition: Edition) -> None:
        """The script is edited."""
        self._pass()
        self._publish(edition)
        self.model.publish(edition)

    @rule()
    def work(self) -> None:
        """A node does what is due."""
        self._pass()
        self.shop.node.run_due()
        self.model.work(self.now)

    @rule(hours=st.sampled_from([1, 6, 24, 30, 72]))
    def tick(self, hours: int) -> None:
        """Hours pass, and a node does at each of them what is due."""
        self.work()
        until = self.model.hour(self.now) + hours
        while self.model.hour(self.now) < until:
            due = self.model.next_due()
            to = until if due is None else min(due, until)
            self._pass((to - self.model.hour(self.now)) * HOUR)
            self.work()

    @rule(point=st.sampled_from(POINTS))
    def crash(self, point: str) -> None:
        """A node dies at a point, if it comes there; another one takes over when the lease is over."""
        self._pass()

        def reached(name: str) -> None:
            if name == point:
                raise Killed

        with suppress(Killed):
            self.shop.new_node(reached=reached).run_due()
        self._pass(LEASE + SECOND)
        self.work()

    @precondition(lambda self: self.model.people)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        """Somebody wants to be forgotten."""
        self._pass()
        key = self._somebody(data)
        with self.shop.engine.begin() as connection:
            assert erase(connection, [self.ids[key]], self.now) == 1
        gone = self.erased[key] = self.model.people.pop(key)
        if gone.open_pass is not None:
            gone.open_pass.end("exited", "erased")

    def _somebody(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.model.people)))

    @invariant()
    def both_say_the_same(self) -> None:
        """Everybody has had the same messages, and every pass stands or has ended alike."""
        columns = (t.run.c.contact_id, t.run.c.state, sa.func.coalesce(t.run.c.reason, "").label("why"))
        rows = self.shop.rows(sa.select(*columns).order_by(t.run.c.contact_id, t.run.c.entry_no))
        for key, person in {**self.model.people, **self.erased}.items():
            id_ = self.ids[key]
            assert self.sent.get(id_, []) == person.got
            stood = [("active", "") if each.is_open else (each.state, each.reason) for each in person.passes]
            assert [(row.state, row.why) for row in rows if row.contact_id == id_] == stood

    def teardown(self) -> None:
        """At the end the history checker must be content, too."""
        verification = verify(self.shop.engine, host(), self.attempts, slack=0)
        assert [(each.promise, each.examples) for each in verification.verdicts if each.broken] == []
