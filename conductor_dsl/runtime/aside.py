"""Aside: conversations that cannot be asked something, by the fault of a plugin, and stand still for a while."""

from __future__ import annotations

from dataclasses import replace

from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import Instant


class Aside:
    """What a node leaves aside, and until when; kept in memory only."""

    def __init__(self) -> None:
        self._until: dict[str, Instant] = {}
        self._whole: Programs | None = None
        self._rest: Programs | None = None

    def put(self, conversation: str, until: Instant) -> None:
        """Let a conversation stand still."""
        self._until[conversation] = until
        self._rest = None

    def without(self, programs: Programs, now: Instant) -> Programs:
        """What is published, but for those that stand still; the same object as long as they are the same."""
        over = [name for name, until in self._until.items() if until <= now]
        for name in over:
            del self._until[name]
        if not self._until:
            return programs
        if over or self._rest is None or programs is not self._whole:
            left = {id_: each for id_, each in programs.by_version.items() if each.flow.name not in self._until}
            self._whole, self._rest = programs, replace(programs, by_version=left)
        return self._rest

    def next_at(self) -> Instant | None:
        """When the next of them is tried again."""
        return min(self._until.values(), default=None)
