"""The world of the standstill: who there is, what they wait for, and a carrier that writes down what it takes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.check import check
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Catalogue, Context
from conductor_dsl.language.waivers import FIRM_FAMILIES
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict
from conductor_dsl.plugin.host import Host
from conductor_dsl.runtime.publish import Script
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, Clock, Instant, from_datetime, to_datetime
from conductor_dsl.shared.draw import bucket_of
from tests.bench.data import make_database
from tests.bench.shop import NOW

OPENS, CLOSES = 9, 20
"""The hours in which anything but a transactional message may leave, by the clock of its contact."""
HOME = "America/New_York"
STANDSTILL = 3 * DAY
SPREAD = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Plan:
    """A conversation of those that are late: its class and channel, and after how many minutes its message is due."""

    name: str
    lane: str
    channel: str
    minutes: int
    live_for: int
    exits: bool = False

    @property
    def mark(self) -> str:
        """What stands in its message and in no other."""
        return f"This is {self.name}."

    @property
    def script(self) -> str:
        """The conversation as it is written."""
        body = f'"{{{{ brand }}}}: {self.mark} Reply STOP to opt out." from code:"34567" list list:"Texts"'
        mail = f'email subject "{self.mark}" body "<p>Come back! {{{{ unsubscribe_url }}}}</p>" list list:"Customers"'
        step = f"sms {body}" if self.channel == "sms" else mail
        return f"""
            conversation "{self.name}" {{
              class {self.lane}
              timezone contact else "{HOME}"
              window {OPENS:02}:00-{CLOSES:02}:00
              {"exit on order.placed" if self.exits else ""}
              thread "T" when no_order_within 60d check every 30d {{ wait {self.minutes}m -> {step} -> end }}
            }}"""


def plans() -> list[Plan]:
    """Ten conversations: eight that advertise, by both channels, and two alerts, with an hour to three days to wait."""
    marketing = [
        Plan(f"Sale {number}", "marketing", *channel, exits=number % 2 == 0)
        for number, channel in enumerate(
            [
                ("sms", 60, 6 * HOUR),
                ("email", 600, 2 * DAY),
                ("sms", 1_440, 6 * HOUR),
                ("email", 2_200, 2 * DAY),
                ("sms", 4_000, 6 * HOUR),
                ("email", 3_600, 2 * DAY),
                ("sms", 4_140, 6 * HOUR),
                ("email", 4_200, 2 * DAY),
            ]
        )
    ]
    return [
        *marketing,
        Plan("Alert A", "alert", "sms", 3_000, 4 * HOUR),
        Plan("Alert B", "alert", "email", 4_200, 4 * HOUR),
    ]


THANKS = f"""
conversation "Thanks" {{
  class transactional
  timezone contact else "{HOME}"
  thread "T" on order.placed {{
    sms "{{{{ brand }}}}: thank you for your order." from code:"34567" list list:"Texts"
    -> email saved:"Winback1" list list:"Customers" -> end
  }}
}}
"""


class Taken(NamedTuple):
    """A message that was taken: its contact, its channel, its text or subject, and when."""

    contact: int
    channel: str
    text: str
    at: Instant
    clock: float


class Witness:
    """A provider that takes everything and writes it down; a call takes a millisecond, as over a local network."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.taken = clock, list[Taken]()

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Take them."""
        now, clock = self.clock.now(), time.monotonic()
        self.taken += [
            Taken(int(out.contact), out.channel, out.text if out.channel == "sms" else out.subject, now, clock)
            for out in batch
        ]
        return [Receipt(out.key, Verdict.ACCEPTED, provider_id=out.key) for out in batch]

    def look_up(self, keys: Sequence[str]) -> None:
        """It is not asked."""

    def close(self) -> None:
        """It holds nothing."""


class ShiftedClock:
    """Shows another time than the machine's clock, and goes as fast."""

    def __init__(self, begins: Instant) -> None:
        self._begins, self._started = begins, time.monotonic()

    def now(self) -> Instant:
        """The instant it shows."""
        return self._begins + int((time.monotonic() - self._started) * 1_000)


def zones(count: int = 40) -> list[str]:
    """Zones all round the world."""
    known = sorted(
        each for each in available_timezones() if each.startswith(("America/", "Europe/", "Asia/", "Africa/"))
    )
    return [HOME, *known[:: max(len(known) // (count - 1), 1)]][:count]


def make_world(path: Path, contacts: int, seed: int) -> None:
    """Contacts who agreed to everything, in forty zones, with a number of every region of theirs."""
    make_database(f"sqlite:///{path}", contacts, seed)
    places = zones()
    with sqlite3.connect(path) as connection:
        rows = [(places[number % len(places)], number) for number in range(1, contacts + 1)]
        connection.executemany("UPDATE contact SET zone = ? WHERE id = ?", rows)
        draws = [(bucket_of(f"c{number:08}"), number) for number in range(1, contacts + 1)]
        connection.executemany("UPDATE contact SET bucket = ? WHERE id = ?", draws)
    connection.close()


def _at_three(after: Instant) -> Instant:
    """Three in the night, by the clock of the shop, on the day after an instant."""
    moment = to_datetime(after + DAY).astimezone(ZoneInfo(HOME))
    return from_datetime(moment.replace(hour=3, minute=0, second=0, microsecond=0))


BEGINS = _at_three(NOW)
"""When everybody has come in, and the engine stops."""
WAKES = BEGINS + STANDSTILL


def is_open(at: Instant, zone: str) -> bool:
    """Whether the window of a contact is open."""
    return OPENS <= to_datetime(at).astimezone(ZoneInfo(zone)).hour < CLOSES


def scripts(texts: Iterable[str], known: Catalogue, host: Host) -> list[Script]:
    """Conversations that can run; what the law wants in messages is not asked here."""
    found: list[Script] = []
    for text in texts:
        checked = check(Source("shop.cdx", text), Context(host.vocabulary, known, read_template))
        wrong = [each for each in checked.report.findings if each.is_error and each.code.startswith(FIRM_FAMILIES)]
        assert not wrong, wrong
        found += [Script(bound_to_flow(each), text) for each in checked.conversations]
    return found
