"""Whatever people text in whatever order: what a plain account of it says is what is sent and answered."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import DAY, MINUTE, Instant
from tests.conformance.shop import ANSWERS, NOW, Shop, host

SCRIPT = 'event happened { } conversation "C" { thread "T" on happened { sms "One" from code:"34567" -> end } }'
WRITTEN = {"stop": ("STOP", "please stop texting me"), "start": ("START",), "help": ("HELP",), "other": ("thanks", "")}
PEOPLE, TURNS = 25, 8
LATE = 6 * MINUTE


@dataclass
class Account:
    """What is true of one person, told without a database."""

    agreed: bool
    stopped: bool = False
    answers: list[str] = field(default_factory=list)
    last: dict[str, Instant] = field(default_factory=dict)

    def hear(self, meaning: str, at: Instant, now: Instant) -> None:
        """A text from `at`, heard `now`."""
        changes = (meaning == "stop" and not self.stopped) or (meaning == "start" and self.stopped)
        pause = DAY if meaning == "stop" else 10 * MINUTE
        in_pause = self.last.get(meaning, 0) > now - pause and not (meaning == "stop" and changes)
        if meaning == "stop":
            self.stopped = True
        if meaning == "start":
            self.stopped = False
        wanted = meaning in ("stop", "help") or (meaning == "start" and changes)
        if wanted and not in_pause and now - at < 5 * MINUTE:
            self.answers.append(meaning)
            self.last[meaning] = now


def test_what_is_sent_and_answered_follows_from_what_was_said(shop: Shop) -> None:
    dice = random.Random(7)
    shop.publish(SCRIPT)
    accounts = {f"p{n}": Account(dice.random() < 0.8) for n in range(PEOPLE)}
    for n, (key, account) in enumerate(accounts.items()):
        shop.contact(key, mobile=f"+1717555{n:04d}", lists=("sms",) if account.agreed else ())
    shop.clock.move_to(NOW + DAY)
    sent = dict.fromkeys(accounts, 0)
    for turn in range(TURNS):
        shop.clock.move_to(shop.now + dice.choice((7 * MINUTE, 11 * MINUTE, DAY)))
        for key, account in accounts.items():
            meaning = dice.choice(list(WRITTEN))
            at = shop.now - dice.choice((0, MINUTE, LATE))
            account.hear(meaning, at, shop.now)
            shop.event(key, "sms.received", str(turn), at=at, text=dice.choice(WRITTEN[meaning]), code="34567")
            shop.event(key, "happened", str(turn))
            sent[key] += account.agreed and not account.stopped
        shop.run()
    by_contact = {key: [out.text for out in shop.sms.accepted if out.contact == str(shop.id(key))] for key in accounts}
    for key, account in accounts.items():
        answers = [ANSWERS[meaning].replace("{{ brand }}", "Shop") for meaning in account.answers]
        assert [text for text in by_contact[key] if text != "One"] == answers, key
        assert by_contact[key].count("One") == sent[key], key
    found = verify(shop.engine, host())
    assert found.holds, [each for each in found.verdicts if each.broken]
