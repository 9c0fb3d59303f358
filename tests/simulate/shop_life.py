"""What happens in the shop while the nodes work: customers buy, leave carts, look around, opt out and in, write texts;
the shop imports contacts and publishes anew.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from conductor_dsl.plugin.channels import Heard, Inbound
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.shared.clock import DAY, HOUR, Instant
from conductor_dsl.store.closed_addresses import Closed
from conductor_dsl.store.connect import Engine
from conductor_dsl.store.suppressions import close_by_hand
from tests.conformance.shop import Shop
from tests.simulate.world import EDITIONS, START, ZONES, publish_edition, simulated_host

NAMES = ("Bea", "Cleo", "Dora", None)
TEXTS = ("STOP", "stop please", "START", "HELP", "where is my order?", "No more, thanks")
CODE = "34567"
LISTS = ("sms", "sms", "email", "*")


class Life:
    """Customers and staff, by dice; `hear` stores what the provider is told by them, `orders` are those of today."""

    def __init__(self, engine: Engine, contacts: int, dice: Random, hear: Callable[[Heard], None]) -> None:
        self._shop = Shop(engine, START)
        self._shop.shelf = Shelf(simulated_host())
        self._contacts, self._dice, self._hear = contacts, dice, hear
        self._numbers = iter(range(1, 1_000_000))
        self.orders: list[tuple[str, Instant]] = []

    def happen(self, now: Instant) -> str:
        """Let something happen at an instant; returns what it was, in a word."""
        self._shop.clock.move_to(now)
        what = self._dice.choice(
            (self._buy, self._buy, self._leave_cart, self._look, self._word, self._word, self._text)
        )
        if self._dice.random() < 0.2:
            what = self._dice.choice((self._import, self._publish, self._tell_of_old, self._close))
        what()
        return what.__name__[1:]

    def _somebody(self) -> str:
        return f"c{self._dice.randint(1, self._contacts)}"

    def _number(self) -> str:
        return str(next(self._numbers))

    def _buy(self) -> None:
        for key in {self._somebody(): 0 for _ in range(self._dice.randint(1, 4))}:
            self._shop.order(key, f"o{self._number()}")
            self.orders.append((key, self._shop.now))

    def _leave_cart(self) -> None:
        for _ in range(self._dice.randint(1, 4)):
            self._shop.event(self._somebody(), "cart.left", self._number())

    def _look(self) -> None:
        for _ in range(self._dice.randint(1, 4)):
            self._shop.event(self._somebody(), "visited", self._number())

    def _word(self) -> None:
        name, action = self._dice.choice(LISTS), self._dice.choice(("unsubscribed", "unsubscribed", "subscribed"))
        self._shop.consent(self._somebody(), "email" if (name, action) == ("*", "subscribed") else name, action)

    def _text(self) -> None:
        mobile = f"+1717555{self._dice.randint(1, self._contacts):04}"
        self._hear(Heard(inbound=(Inbound(self._number(), "sms", mobile, CODE, self._dice.choice(TEXTS)),)))

    def _import(self) -> None:
        """A contact as it is known already, but for the name; somebody new at times."""
        number = self._dice.randint(1, self._contacts + 2)
        mobile = f"+1717555{number:04}" if number % 11 else "unknown"
        zone, name = ZONES[number % len(ZONES)], self._dice.choice(NAMES)
        self._shop.contact(f"c{number}", mobile=mobile, first_name=name, zone=zone, lists=())

    def _publish(self) -> None:
        publish_edition(self._shop.engine, self._dice.randrange(len(EDITIONS)), self._shop.now)

    def _tell_of_old(self) -> None:
        """History that is imported late changes nothing about today."""
        at = self._shop.now - self._dice.randint(1, 90) * DAY - HOUR
        self._shop.order(self._somebody(), f"o{self._number()}", at=at)

    def _close(self) -> None:
        number, now = self._dice.randint(1, self._contacts), self._shop.now
        closed = (("sms", f"+1717555{number:04}"), ("email", f"c{number}@example.com"))
        with self._shop.engine.begin() as connection:
            close_by_hand(connection, [Closed(*self._dice.choice(closed), "by_hand", now)], now)
