"""What the simulated provider knows: every message it was asked to send, and what it did about it."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from conductor_dsl.shared.clock import Clock
from conductor_dsl.sim.log import Entry, Log, read_log
from conductor_dsl.sim.message import Message
from conductor_dsl.sim.plan import TAKEN, Plan, fault_of

STOP_WORDS = frozenset("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split())
START_WORDS = frozenset("START YES UNSTOP".split())
_OPTED_OUT = "21610"


class Taken(NamedTuple):
    """What became of a request: the message if it was taken, now or earlier, and what shall go wrong with it."""

    message: Message | None
    fault: str
    again: bool = False


class Book:
    """The messages in memory, and the log that they are read from at the start."""

    def __init__(self, path: Path, plan: Plan, clock: Clock) -> None:
        self._plan, self._clock = plan, clock
        self._lock = threading.Lock()
        self.messages: list[Message] = []
        self._by_id: dict[str, Message] = {}
        self._by_key: dict[str, Message] = {}
        self._with: dict[str, list[Message]] = defaultdict(list)
        self._attempts: Counter[str] = Counter()
        self._stopped: set[tuple[str, str]] = set()
        self._counts: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        for entry in read_log(path):
            self._know(entry)
        self._log = Log(path)

    def take(self, message: Message, *, once: bool, refused: str = "") -> Taken:
        """Decide on a message and write that down; returns when it is on the disk.

        `once` takes a key that is known already as a repetition; `refused` is the code of what is wrong with it.
        """
        with self._lock:
            attempt = self._attempts[message.key] + 1
            fault = refused or self._refusal(message) or fault_of(self._plan, message, attempt)
            known = self._known(message.key) if once else None
            if fault and fault not in TAKEN:
                kind, kept = "refused", message._replace(at=self._clock.now())
            elif known is not None:
                kind, kept = "repeated", known
            else:
                kind, kept = "accepted", self._named(message, attempt)
            entry = {"kind": kind, "attempt": attempt, "fault": fault, **kept._asdict()}
            self._know(entry)
            number = self._log.add(entry)
        self._log.wait(number)
        return Taken(None if kind == "refused" else kept, fault, kind == "repeated")

    def hear(self, message: Message) -> Message:
        """A message from a person; returned with the name that it got."""
        with self._lock:
            kept = self._named(message._replace(inbound=True), len(self.messages))
            entry = {"kind": "inbound", **kept._asdict()}
            self._know(entry)
            number = self._log.add(entry)
        self._log.wait(number)
        return kept

    def tell(self, message: Message, place: int, **said: object) -> None:
        """Write down that a receipt was given: the one at this place among those of its message."""
        with self._lock:
            entry = {"kind": "told", "id": message.id, "key": message.key, "place": place, **said}
            self._know(entry)
            self._log.add(entry)

    def by_id(self, id_: str) -> Message | None:
        """The message of this name."""
        return self._by_id.get(id_)

    def by_key(self, key: str) -> Message | None:
        """The message that was taken last under a key."""
        return self._by_key.get(key)

    def to(self, recipient: str) -> list[Message]:
        """The messages to somebody; to everybody where nobody is named."""
        with self._lock:
            return list(self._with[recipient] if recipient else self.messages)

    def untold(self) -> Iterator[tuple[Message, int]]:
        """The messages that receipts may be due for, with how many have been given."""
        with self._lock:
            pairs = [(each, self._told[each.id]) for each in self.messages if each.callback and not each.inbound]
        yield from pairs

    def summary(self) -> dict[str, Any]:
        """How many of what; and the keys that were taken more than once."""
        with self._lock:
            return {
                "accepted": self._counts["accepted"],
                "keys": len(self._taken),
                "accepted twice": sorted(key for key, count in self._taken.items() if count > 1),
                "repeated": self._counts["repeated"],
                "refused": self._counts["refused"],
                "faults": dict(sorted(self._faults.items())),
                "receipts": self._counts["told"],
                "inbound": self._counts["inbound"],
            }

    def close(self) -> None:
        """Close the log."""
        self._log.close()

    def _named(self, message: Message, number: int) -> Message:
        at = self._clock.now()
        name = blake2b(f"{self._plan.seed} {message.key} {number} {at}".encode(), digest_size=16).hexdigest()
        return message._replace(id=("MM" if message.media else "SM") + name, at=at)

    def _known(self, key: str) -> Message | None:
        """The latest message of a key, unless it has been forgotten."""
        known = self._by_key.get(key)
        forgotten = known is not None and known.at + 1000 * self._plan.keys_for <= self._clock.now()
        return None if forgotten else known

    def _refusal(self, message: Message) -> str:
        return _OPTED_OUT if (message.to, message.sender) in self._stopped else ""

    def _know(self, entry: Entry) -> None:
        kind, key = entry["kind"], entry.get("key", "")
        self._counts[kind] += 1
        if kind == "told":
            self._told[entry["id"]] = max(self._told[entry["id"]], entry["place"] + 1)
            return
        message = Message(**{name: entry[name] for name in Message._fields} | {"media": tuple(entry["media"])})
        if kind in ("accepted", "inbound"):
            self.messages.append(message)
            self._by_id[message.id] = message
            self._with[message.to].append(message)
        if kind == "inbound":
            self._note_word(message)
            return
        self._attempts[key] += 1
        if entry["fault"]:
            self._faults[entry["fault"]] += 1
        if kind == "accepted":
            self._taken[key] += 1
            self._by_key[key] = message

    def _note_word(self, message: Message) -> None:
        word, pair = message.text.strip().upper(), (message.sender, message.to)
        if word in STOP_WORDS:
            self._stopped.add(pair)
        elif word in START_WORDS:
            self._stopped.discard(pair)
