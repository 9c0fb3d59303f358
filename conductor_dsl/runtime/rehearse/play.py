"""Play a scene on the stage: the clock goes from one thing to the next, until all is over."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from conductor_dsl.language.statements_expect import CHANNELS
from conductor_dsl.runtime.agenda import Agenda, read_agenda
from conductor_dsl.runtime.call_out import Failed
from conductor_dsl.runtime.digest import Told
from conductor_dsl.runtime.dispatch import Dispatched
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.ingest.kinds import KINDS
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.rehearse.idle_looks import next_due
from conductor_dsl.runtime.rehearse.nouns import Happening, Pass, Scene, Seen
from conductor_dsl.runtime.rehearse.observe import Observer, observe
from conductor_dsl.runtime.rehearse.recorder import Recorder
from conductor_dsl.runtime.rehearse.stage import FixedShelf, Published, Stage
from conductor_dsl.shared.clock import DAY, HOUR, SECOND, Instant, VirtualClock
from conductor_dsl.shared.errors import PluginError
from conductor_dsl.store.connect import reading
from conductor_dsl.store.node_tables import notice
from conductor_dsl.store.tables import contact, intent, run

_ORDER = tuple(KINDS)
MOST_KEPT = 50
"""Databases, of a few hundred kilobytes each, that are kept for tests that begin alike."""
MOST_STOPS = 20_000
LEAD = HOUR
"""How long before the beginning everything is told that is given: then nothing is published yet, and the second look at
an audience finds nobody who has just changed.
"""
ENDLESS = "it does not come to an end: the clock was stopped after 20,000 stops"


class Play:
    """One scene being played."""

    def __init__(self, stage: Stage, published: Published, scene: Scene, options: ImportOptions) -> None:
        self._engine, self._programs = stage.engine, published.programs
        self._scene, self._options = scene, options
        self._clock = VirtualClock(scene.begins - LEAD)
        self._recorder = Recorder(self._clock)
        self._observer = Observer(self._programs)
        self._problems: list[str] = []
        self._waits_for_staff = any(scene.test.of("expect", "notice"))
        self._digests_until: Instant = 0
        self._stood: dict[Instant, tuple[Pass, ...]] = {}
        self._stage, self._published = stage, published
        providers = dict.fromkeys((*CHANNELS, *stage.host.vocabulary.channels), self._recorder)
        shelf, rules = FixedShelf(published.programs), published.rules
        self._node = Node(stage.engine, shelf, providers, self._clock, rules=rules, announce=self._look_on)

    def play(self, buckets: Mapping[str, int]) -> Seen:
        """Let it all happen; what came of it."""
        self._give(buckets)
        self._clock.move_to(self._scene.begins)
        coming = deque(self._scene.happenings)
        for _ in range(MOST_STOPS):
            self._tell([coming.popleft() for _ in range(_due(coming, self._clock.now()))])
            self._node.run_due()
            self._stand()
            at = self._next(list(coming))
            if at is None or at > self._scene.horizon:
                break
            self._clock.move_to(at)
        else:
            self._problems.append(ENDLESS)
        return self._seen()

    def _tell(self, happenings: Iterable[Happening]) -> None:
        """Store what happens as an import does, a kind after the other, and let it take its effect."""
        files: dict[tuple[int, str], list[Happening]] = defaultdict(list)
        for happening in happenings:
            files[_ORDER.index(happening.kind), happening.pool].append(happening)
        for _, rows in sorted(files.items()):
            self._store(rows)
        if files:
            self._observer.look(self._engine)

    def _store(self, happenings: list[Happening]) -> None:
        """Store the rows of one file."""
        first, now = happenings[0], self._clock.now()
        kind, options = KINDS[first.kind], replace(self._options, pool=first.pool)
        rows: list[tuple[int, object]] = []
        for number, happening in enumerate(happenings):
            try:
                rows.append((number, kind.row_to_item(dict(happening.row), options, now)))
            except BadRow as problem:
                self._problems.append(f"{first.kind}: {problem}")
        with self._engine.begin() as connection:
            stored, unknown = kind.store(connection, rows, now)
            if stored:
                kind.settle(connection, self._programs, now)
        self._problems += [f"{first.kind}: {reason}" for reason in unknown.values()]

    def _give(self, buckets: Mapping[str, int]) -> None:
        """Put the database in the state in which the test begins; tests that begin alike pay for it once."""
        known = self._published.given
        name = repr((self._scene.given, sorted(buckets.items()), self._waits_for_staff))
        if name in known:
            pages, problems = known[name]
            self._stage.put_back(pages)
            self._problems += problems
        else:
            self._stage.put_back(self._published.pages)
            self._tell(self._scene.given)
            self._prepare(buckets)
            if len(known) < MOST_KEPT:
                known[name] = self._stage.pages(), tuple(self._problems)
        self._refuse()

    def _prepare(self, buckets: Mapping[str, int]) -> None:
        """Give the contacts the numbers from which their ways are drawn, and leave out the daily notices where nobody
        waits for them.
        """
        with self._engine.begin() as connection:
            if not self._waits_for_staff:
                connection.execute(sa.delete(notice))
            for key, bucket in buckets.items():
                connection.execute(sa.update(contact).where(contact.c.key == key).values(bucket=bucket))

    def _refuse(self) -> None:
        """Tell the provider what to refuse."""
        if self._scene.refused:
            with reading(self._engine) as connection:
                ids = {row.key: str(row.id) for row in connection.execute(sa.select(contact.c.key, contact.c.id))}
            self._recorder.refused = {(ids[key], step) for key, step in self._scene.refused if key in ids}

    def _look_on(self, done: Done) -> None:
        """After every batch see who has entered; the rest is in the database at the end."""
        if isinstance(done, PluginError):
            self._problems.append(str(done))
        elif isinstance(done, Failed):
            self._problems.append(f"step `{done.step}` failed: {done.why}")
        elif not isinstance(done, Dispatched | Told):
            self._observer.look(self._engine)

    def _stand(self) -> None:
        """At a moment of the scene look where everybody stands."""
        if self._clock.now() in self._scene.moments:
            with reading(self._engine) as connection:
                self._stood[self._clock.now()] = self._observer.passes(connection)

    def _next(self, coming: Sequence[Happening]) -> Instant | None:
        """The next instant at which anything happens; None when all is over."""
        now, scene = self._clock.now(), self._scene
        wanted = [each.at for each in coming[:1]]
        wanted += [at for at in (*scene.moments, scene.until, self._digests_until) if at > now]
        with self._engine.begin() as connection:
            agenda = read_agenda(connection, self._programs)
            if not wanted and not self._is_open(connection, agenda):
                if self._digests_until or not self._waits_for_staff:
                    return None
                # Who is told of it all is told with the digest of the next morning.
                self._digests_until = now + DAY
            latest = min([*wanted, scene.horizon + 1])
            return max(now + SECOND, next_due(connection, self._programs, agenda, latest))

    def _is_open(self, connection: sa.Connection, agenda: Agenda) -> bool:
        """Whether anybody is inside still, a message is on its way, or what was told lets somebody in before long."""
        runs = sa.exists(sa.select(run.c.contact_id).where(run.c.ended_at.is_(None)))
        messages = sa.exists(sa.select(intent.c.contact_id).where(intent.c.settled_at.is_(None)))
        told = (agenda.happening_at, agenda.change_at, agenda.chance_at)
        is_coming = any(at is not None and at <= self._scene.horizon for at in told)
        return is_coming or bool(connection.scalar(sa.select(sa.or_(runs, messages))))

    def _seen(self) -> Seen:
        with reading(self._engine) as connection:
            rest = (self._clock.now(), self._stood, self._problems)
            return observe(connection, self._observer, self._recorder, self._scene, rest)


def _due(coming: Iterable[Happening], now: Instant) -> int:
    return sum(1 for each in coming if each.at <= now)
