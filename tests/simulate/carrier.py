"""The simulated provider: takes, loses, refuses and delays by dice, and keeps its own account of what it has taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random

from conductor_dsl.plugin.channels import NOT_ACCEPTED, Heard, Mark, Outgoing, Receipt, Verdict
from conductor_dsl.runtime.verify.nouns import Attempt
from conductor_dsl.shared.clock import DAY, SECOND, Instant
from tests.simulate.dice import Weather
from tests.simulate.turns import Timeline

LONGEST_CALL = 1_900
"""Milliseconds that a call takes at most; a node reckons with four seconds, of which two are for clocks that differ."""
SETTLED = 30 * SECOND
"""After so long one that looks up with a delay knows what it has taken."""
ORDER = (Verdict.ACCEPTED, Verdict.UNDELIVERED, Verdict.DELIVERED)
"""Which word tells more of a message."""


@dataclass(slots=True)
class Account:
    """What all carriers of a world have been given, by key; the engine never writes here.

    `valid_for` is what was told with each acceptance; `told` is the word that tells most of those that were told later,
    `lost` are those of which it was ever told that they had not come to their reader.
    """

    attempts: dict[str, list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    valid_for: dict[str, list[tuple[Instant, int]]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, Verdict] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    order: list[str] = field(default_factory=list)

    def hear(self, key: str, verdict: Verdict) -> None:
        """Note that a receipt has been told."""
        if verdict is Verdict.UNDELIVERED:
            self.lost.add(key)
        self.told[key] = max(verdict, self.told.get(key, verdict), key=ORDER.index)


@dataclass(slots=True)
class Carrier:
    """One provider; `spend` lets time pass in a call, `tell_later` brings it back with news at an instant."""

    name: str
    weather: Weather
    dice: Random
    time: Timeline
    account: Account
    spend: Callable[[int], None]
    tell_later: Callable[[Instant, Heard], None]
    is_well: bool = False
    """At the end of a story nothing goes wrong any more."""
    taken: dict[str, Instant] = field(default_factory=dict)
    asked: dict[str, Instant] = field(default_factory=dict)

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Answer most messages; the call may break off before, within or after it."""
        breaks_at = self.dice.randrange(len(batch) + 1) if self._happens(self.weather.broken) else None
        receipts: list[Receipt] = []
        left = LONGEST_CALL
        for number, out in enumerate(batch):
            if number == breaks_at:
                raise TimeoutError("the connection broke")
            pause = min(left, self.dice.randint(0, self.weather.slow)) if self.weather.slow else 0
            left -= pause
            if pause:
                self.spend(pause)
            receipts += self._answer(out)
        if breaks_at == len(batch):
            raise TimeoutError("the answer got lost")
        self.dice.shuffle(receipts)
        return receipts

    def _answer(self, out: Outgoing) -> list[Receipt]:
        weather, self.asked[out.key] = self.weather, self.time.now
        if self._happens(weather.dropped):
            return []
        if self._happens(weather.handed_back):
            return [Receipt(out.key, Verdict.TRANSIENT, code=NOT_ACCEPTED)]
        if self._happens(weather.throttled):
            return [
                Receipt(out.key, Verdict.TRANSIENT, code="429", retry_after=self.dice.randint(SECOND, weather.patience))
            ]
        if self._happens(weather.transient):
            self._note(out, accepted=False)
            return [Receipt(out.key, Verdict.TRANSIENT, code="busy")]
        if self._happens(weather.rejected):
            mark = self.dice.choice((Mark.NONE, Mark.NONE, Mark.NONE, Mark.INVALID, Mark.OPTED_OUT, Mark.DEAD))
            self._note(out, accepted=False)
            return [Receipt(out.key, Verdict.REJECTED, code="unknown", mark=mark)]
        self._take(out)
        if self._happens(weather.lost):
            return []
        return [self._receipt(out.key, Verdict.ACCEPTED)]

    def _take(self, out: Outgoing) -> None:
        self._note(out, accepted=True)
        now = self.taken[out.key] = self.time.now
        self.account.valid_for[out.key].append((now, out.valid_for))
        for verdict in self._news():
            at = now + self.dice.randint(0, self.weather.longest_news)
            receipt = self._receipt(out.key, verdict)
            self.tell_later(at, Heard((receipt._replace(key="") if self.weather.by_id else receipt,)))

    def _news(self) -> list[Verdict]:
        """What is told of a message later, in any order."""
        if not self._happens(self.weather.told):
            return []
        ends = [Verdict.UNDELIVERED] if self._happens(self.weather.undelivered) else [Verdict.DELIVERED]
        if ends == [Verdict.DELIVERED] and self._happens(0.1):
            ends.append(Verdict.UNDELIVERED)  # a carrier on the way had given up; another one had not
        if self._happens(0.5):
            ends.append(Verdict.ACCEPTED)
        return [verdict for verdict in ends for _ in range(1 + self._happens(self.weather.told_twice))]

    def _note(self, out: Outgoing, *, accepted: bool) -> None:
        attempt = Attempt(out.key, out.to, digest(out), self.time.now, accepted)
        self.account.attempts[out.key].append(attempt)
        self.account.order.append(f"{self.name} {attempt}")

    def _receipt(self, key: str, verdict: Verdict) -> Receipt:
        return Receipt(key, verdict, provider_id=f"{self.name}-{key}", code="told", by_id=self.weather.by_id)

    def _happens(self, share: float) -> bool:
        return not self.is_well and share > 0 and self.dice.random() < share

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """The truth, or that nobody can tell, or can tell yet."""
        if self.weather.look_up == "none":
            return None
        if self._happens(self.weather.broken):
            raise TimeoutError("no answer")
        known = {key: self._receipt(key, Verdict.ACCEPTED) for key in keys if key in self.taken}
        if self.weather.look_up == "delayed":
            fresh = [key for key in keys if self.time.now < self.asked.get(key, -DAY) + SETTLED]
            known |= {key: Receipt(key, Verdict.AMBIGUOUS, code="too_early") for key in fresh}
        return known

    def close(self) -> None:
        """There is nothing to let go of."""


def digest(out: Outgoing) -> str:
    """A name for the bytes; how long they are valid is told anew in every attempt."""
    parts = (out.to, out.sender, out.subject, out.text, out.html, sorted(out.headers.items()))
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()
