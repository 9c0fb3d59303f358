"""What an expectation is compared with: the part of what was seen that concerns its contact, and its times."""

from __future__ import annotations

from dataclasses import dataclass

from conductor_dsl.language.bound_tests import BoundStatement
from conductor_dsl.runtime.rehearse.local_time import since, to_local, to_shown
from conductor_dsl.runtime.rehearse.nouns import Note, Pass, Scene, Seen, Sent
from conductor_dsl.shared.clock import MINUTE, Instant
from conductor_dsl.shared.duration import Duration


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of one contact, for one line of a test."""

    scene: Scene
    seen: Seen
    line: BoundStatement

    @property
    def name(self) -> str:
        """The name of the contact in the test."""
        return self.scene.test.whom(self.line)

    @property
    def key(self) -> str:
        """The key of the contact."""
        return self.scene.keys[self.name]

    @property
    def zone(self) -> str:
        """By whose clock the contact lives."""
        return self.scene.zones[self.name]

    @property
    def sent(self) -> list[Sent]:
        """Every message to the contact in the conversation of the line."""
        return [each for each in self.seen.sent if each.contact == self.key and self._is_here(each.conversation)]

    @property
    def passes(self) -> list[Pass]:
        """Every pass of the contact through the conversation of the line."""
        return self.here(self.seen.passes)

    @property
    def notes(self) -> list[Note]:
        """What the history tells of the contact."""
        return [each for each in self.seen.history if each.contact == self.key and self._is_here(each.conversation)]

    def here(self, passes: tuple[Pass, ...]) -> list[Pass]:
        """Those of the contact, in the conversation of the line."""
        return [each for each in passes if each.contact == self.key and self._is_here(each.conversation)]

    def _is_here(self, conversation: str) -> bool:
        return (self.line.text("conversation") or conversation) == conversation

    @property
    def after(self) -> Instant | None:
        """The instant that `after` means, by the clock of the contact."""
        after = self.line.text("after")
        return None if after is None else Duration.parse(after).after(self.scene.begins, self.zone)

    def is_time(self, at: Instant | None) -> bool:
        """Whether an instant is the one that the line names, to the minute; any will do where it names none."""
        if at is None:
            return False
        local, day, clock = to_local(at, self.zone), self.line.text("date"), self.line.text("clock")
        after = self.after
        return (
            (after is None or abs(at - after) < MINUTE)
            and (day is None or local.date().isoformat() == day)
            and (clock is None or local.strftime("%H:%M") == clock)
        )

    def when(self, at: Instant) -> str:
        """An instant for people: `after 3d (2026-03-05 10:00)`."""
        return f"after {since(self.scene.begins, at)} ({to_shown(at, self.zone)})"
