"""What an import has to say beside its counts: events that nobody knows, and those that came too late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from conductor_dsl.language.vocabulary import EVENTS
from conductor_dsl.runtime.ingest.rows_to_events import Event
from conductor_dsl.shared.nearest import did_you_mean

MOST = 5
"""How many unknown names are told one by one."""


class Notes:
    """Collected batch by batch; `declared` are the events of the project's own scripts."""

    def __init__(self, declared: Collection[str]) -> None:
        self._known = {*declared, *EVENTS}
        self._unknown: Counter[str] = Counter()
        self._too_old = 0

    def add(self, items: Iterable[tuple[int, object]], too_old: int) -> None:
        """Note a batch of (number, item), of whose events so many were too old to let their contacts in."""
        names = (item.name for _, item in items if isinstance(item, Event))
        self._unknown.update(name for name in names if name not in self._known)
        self._too_old += too_old

    def warnings(self) -> tuple[tuple[str, str], ...]:
        """(message, hint) for whatever its reader should know."""
        found = [self._about(name, count) for name, count in self._unknown.most_common(MOST)]
        rest = len(self._unknown) - MOST
        if rest > 0:
            found.append((f"{rest:,} more names of events are known to no script", "they were kept, too"))
        if self._too_old:
            events = "1 event" if self._too_old == 1 else f"{self._too_old:,} events"
            message = f"{events} let nobody in, being older than the threads that wait for such"
            found.append((message, "what happened before a thread was published is kept, for conditions"))
        return tuple(found)

    def _about(self, name: str, count: int) -> tuple[str, str]:
        rows = "1 row" if count == 1 else f"{count:,} rows"
        hint = did_you_mean(name, self._known) or f"if scripts are to know it, declare it: `event {name} {{ ... }}`"
        return f"no script knows the event `{name}` ({rows}); it was kept, and does nothing", hint
