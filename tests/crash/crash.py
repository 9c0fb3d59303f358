"""The parent: begins one life of a node after another, kills most of them, and lets the last ones finish the work."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.runtime.verify.nouns import Verification
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import DAY, SECOND, Instant, VirtualClock
from conductor_dsl.store.connect import connect
from tests.conformance.shop import host
from tests.crash.life import Life, live
from tests.crash.witness import read_log
from tests.crash.world import END, START, build, live_on, unaccounted

POINTS = (
    "advance.before_commit",
    "advance.committed",
    "dispatch.claimed",
    "dispatch.sent",
    "dispatch.settled",
    "rescue.claimed",
    "rescue.settled",
)
RESCUE = ("rescue.claimed", "rescue.settled")
"""Points that a life comes to but once."""
ANY_TIME = "any time"
EARLIEST, LATEST = 0.002, 0.120
"""Seconds after its beginning at which a life may be killed from outside."""
SPAWNED = 30
"""Every so many lives one begins as a new process rather than as a fork, and is slower to begin."""
INTEGRITY = 50
"""Every so many kills the file of the database is checked as a whole."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How large, how often, and which dice."""

    folder: Path
    contacts: int = 3_000
    kills: int = 50
    seed: int = 1
    batch: int = 200
    bug: str = ""

    @property
    def url(self) -> str:
        """The database."""
        return f"sqlite:///{self.folder / 'crash.db'}"

    @property
    def log(self) -> Path:
        """The provider's own account."""
        return self.folder / "provider.log"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: lives and kills by the point, and the verdicts at the end."""

    plan: Plan
    lives: int
    kills: Mapping[str, int]
    seconds: float
    integrity: tuple[str, ...]
    unaccounted: tuple[str, ...]
    accepted: int
    verification: Verification

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled, or otherwise wrong."""
        return self.verification.holds and not self.unaccounted and set(self.integrity) == {"ok"}

    def broken(self) -> dict[str, int]:
        """The promises that were broken, and how often."""
        return {verdict.promise: verdict.broken for verdict in self.verification.verdicts if verdict.broken}

    def to_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        plan = asdict(self.plan) | {"folder": str(self.plan.folder)}
        return asdict(replace(self, plan=self.plan)) | {"plan": plan, "holds": self.holds, "broken": self.broken()}


@dataclass(slots=True)
class Story:
    """Where the story stands."""

    plan: Plan
    engine: sa.Engine
    dice: Random
    now: Instant
    lives: int
    kills: Counter[str]
    integrity: list[str]

    @property
    def wants_kills(self) -> bool:
        """Whether there are kills to come; one that comes after a life has done its work does not count."""
        return sum(self.kills.values()) < self.plan.kills


def crash(plan: Plan) -> Result:
    """Tell the whole story, and check it."""
    began = time.perf_counter()
    engine = _warm_engine(plan)
    build(plan.url, plan.contacts)
    story = Story(plan, engine, Random(plan.seed), START, 0, Counter(), [])
    while story.now < END or story.wants_kills:
        _chapter(story)
    _one_life(story, "")
    story.integrity.append(_integrity(plan.url))
    log = read_log(plan.log)
    verification = verify(engine, host(), log, slack=0)
    engine.dispose()
    return Result(
        plan=plan,
        lives=story.lives,
        kills=dict(story.kills),
        seconds=round(time.perf_counter() - began, 1),
        integrity=tuple(story.integrity),
        unaccounted=tuple(unaccounted(plan.url)),
        accepted=sum(attempt.accepted for attempts in log.values() for attempt in attempts),
        verification=verification,
    )


def _warm_engine(plan: Plan) -> sa.Engine:
    """An engine without connections that has compiled most statements already, so that a fork need not.

    It has told a small story on the same file, which is then taken away.
    """
    build(plan.url, 50)
    engine, now = connect(plan.url), START
    live_on(engine, 50, VirtualClock(now), "warm")
    while now < START + 5 * DAY:
        reading, writing = os.pipe()
        live(Life(plan.url, str(plan.log), now, "warm", plan.batch), writing, engine)
        os.close(writing)
        now = max(now + LEASE + SECOND, int(os.read(reading, 100)))
        os.close(reading)
    for path in plan.folder.iterdir():
        path.unlink()
    return engine


def _chapter(story: Story) -> None:
    """One life, and what happens before the next one begins: at least so much time that its lease has run out."""
    story.lives += 1
    how = _how_to_die(story)
    killed, due = _one_life(story, how)
    if killed:
        story.kills[how] += 1
        if sum(story.kills.values()) % INTEGRITY == 0:
            story.integrity.append(_integrity(story.plan.url))
    story.now += LEASE + SECOND
    if not killed and due is not None:
        story.now = max(story.now, due)
    if story.lives % 5 == 0:
        live_on(story.engine, story.plan.contacts, VirtualClock(story.now), f"{story.plan.seed} {story.lives}")
        story.now += SECOND


def _how_to_die(story: Story) -> str:
    if not story.wants_kills:
        return ""
    return story.dice.choice((ANY_TIME, story.dice.choice(POINTS), story.dice.choice(POINTS)))


def _one_life(story: Story, how: str) -> tuple[bool, Instant | None]:
    """Whether it was killed, and what it said was due next."""
    plan = story.plan
    life = Life(plan.url, str(plan.log), story.now, f"{plan.seed} {story.lives}", plan.batch, plan.bug)
    if how in POINTS:
        life = replace(life, point=how, nth=1 if how in RESCUE else story.dice.randint(1, 3))
    reading, writing = os.pipe()
    pid, wait = _spawn(life, writing) if story.lives % SPAWNED == 0 else _fork(life, writing, story.engine)
    os.close(writing)
    if how == ANY_TIME:
        select.select([reading], [], [], story.dice.uniform(EARLIEST, LATEST))
        os.kill(pid, signal.SIGKILL)
    said = os.read(reading, 100).decode()
    os.close(reading)
    code = wait()
    if code not in (0, -signal.SIGKILL):
        raise AssertionError(f"life {story.lives} ended with {code}")
    # Whoever said what is due next had done its work before it was killed.
    return not said, int(said) if said not in ("", "None") else None


def _fork(life: Life, report: int, engine: sa.Engine) -> tuple[int, Callable[[], int]]:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            live(life, report, engine)
            code = 0
        except BaseException:  # noqa: BLE001  (the child must never return into the parent's code)
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid, lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _spawn(life: Life, report: int) -> tuple[int, Callable[[], int]]:
    command = [sys.executable, "-m", "tests.crash.life", life.to_json(), str(report)]
    process = subprocess.Popen(command, pass_fds=[report], cwd=Path(__file__).parents[2])
    return process.pid, process.wait


def _integrity(url: str) -> str:
    engine = connect(url)
    with engine.connect() as connection:
        said = connection.scalar(sa.text("PRAGMA integrity_check"))
    engine.dispose()
    return str(said)
