"""A checked conversation as numbered steps and edges: immutable, JSON both ways.

This is what is stored when a conversation is published, and all that the engine knows of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step.

    `arguments` are JSON values: durations as written (`3d`), references as `{"ref": [kind, name]}`, conditions as in
    `expressions.to_json`. `edges` lead by outcome to step numbers; `next` is the ordinary one, and an outcome without
    an edge takes `next`. No `next` means that the run ends there.
    """

    number: int
    kind: str
    name: str
    thread: str
    line: int
    arguments: Mapping[str, Any]
    edges: Mapping[str, int]

    def edge(self, outcome: str) -> int | None:
        """The step to which an outcome leads; None where the run ends."""
        return self.edges.get(outcome, self.edges.get("next"))


@dataclass(frozen=True, slots=True)
class FlowTrigger:
    """What lets contacts into a thread: a trigger of the vocabulary with its arguments, as JSON values."""

    kind: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FlowThread:
    """A thread with the number of its first step; without a trigger it is reached by `goto` only."""

    name: str
    first: int | None
    trigger: FlowTrigger | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The head of a conversation with every default filled in.

    `zone` is used for a contact without one; with `contact_zone` false it is used for all. `opens` and `closes` are
    wall-clock times `HH:MM`, both None for no window. `reentry` is `never`, `always`, `restart` or a duration such as
    `30d`. `exits` are names of events. `caps` are `[channel, count, duration]`. `expires` is the first day (YYYY-MM-DD)
    on which nobody enters any more.
    """

    message_class: str = "marketing"
    list: str | None = None
    campaign: str | None = None
    contact_zone: bool = True
    zone: str = "UTC"
    opens: str | None = None
    closes: str | None = None
    reentry: str = "always"
    exits: tuple[str, ...] = ()
    expires: str | None = None
    in_flight: str = "keep"
    caps: tuple[tuple[str, int, str], ...] = ()
    priority: str = "normal"


@dataclass(frozen=True, slots=True)
class Flow:
    """One conversation, ready to be published; `steps[i].number == i`."""

    name: str
    settings: Settings
    threads: tuple[FlowThread, ...]
    steps: tuple[FlowStep, ...]
    field_types: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The flow as JSON, the same text for the same flow."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Flow:
        """The inverse of `to_json`."""
        data = json.loads(text)
        settings = data["settings"]
        settings["exits"] = tuple(settings["exits"])
        settings["caps"] = tuple(tuple(cap) for cap in settings["caps"])
        return cls(
            name=data["name"],
            settings=Settings(**settings),
            threads=tuple(_thread(thread) for thread in data["threads"]),
            steps=tuple(FlowStep(**step) for step in data["steps"]),
            field_types=data["field_types"],
        )


def _thread(data: dict[str, Any]) -> FlowThread:
    trigger = data["trigger"] and FlowTrigger(**data["trigger"])
    return FlowThread(data["name"], data["first"], trigger or None)
