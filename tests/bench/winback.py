"""How fast is the winback, on each database, beside a loop by hand and beside other schedulers and queues?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from shutil import which

from tests.bench.figures import Answer, Figure, Goal, Sample, ratios
from tests.bench.rounds import Bench, Player, play_rounds

PLAYERS = {
    "sqlite": {"by hand": "by_hand", "engine": "by_engine", "APScheduler": "by_apscheduler", "DBOS": "by_dbos"},
    "postgresql": {
        "by hand": "by_hand_postgres",
        "engine": "by_engine",
        "Procrastinate": "by_procrastinate",
        "DBOS": "by_dbos",
        "Celery": "by_celery",
    },
}
PACKAGES = {"Procrastinate": "procrastinate", "DBOS": "dbos", "Celery": "celery"}
"""What somebody needs that `make test` does not install."""
SERVERS = {"Celery": "redis-server"}
"""What somebody needs that no package brings."""
GOALS = {"by hand": 0.5, "APScheduler": 100.0}
"""How many times as fast as each of them the engine is to be."""
IN_BATCHES = ("by hand", "engine")
FEW, MORE = 1_000, {"APScheduler": 10_000}
"""How many contacts those get who take a job for each step: more where there is a goal, for few tell little."""
MEMORY_MB = 200


def ask(bench: Bench) -> Iterator[Answer]:
    """An answer for each database; who takes a job for each step gets fewer contacts."""
    many = bench.scaled(100_000, 1_000_000)
    for kind in bench.stages:
        few = {who: bench.scaled(MORE.get(who, FEW), MORE.get(who, FEW)) for who in PLAYERS[kind]}
        yield play(bench, kind, {who: many if who in IN_BATCHES else few[who] for who in PLAYERS[kind]})


def play(bench: Bench, kind: str, contacts: Mapping[str, int]) -> Answer:
    """The winback on one kind of database, for so many contacts by each."""
    stage, absent = bench.stages[kind], dict(_absent(contacts))
    players = [
        Player(who, PLAYERS[kind][who], stage.make("tests.bench.data", {"contacts": size, "seed": bench.seed}), size)
        for who, size in contacts.items()
        if who not in absent
    ]
    samples = list(play_rounds(bench, stage, players))
    remarks = [f"  {who} was not measured: {why}" for who, why in absent.items()]
    return Answer(f"The winback on {stage.name}", _figures(samples), samples, remarks=remarks)


def _absent(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Who cannot be measured here, and why."""
    for who in names:
        package = PACKAGES.get(who)
        if package and find_spec(package) is None:
            yield who, f"the package `{package}` is not installed; `make bench` installs it"
        elif who in SERVERS and which(SERVERS[who]) is None:
            yield who, f"there is no `{SERVERS[who]}` here"


def _figures(samples: list[Sample]) -> list[Figure]:
    others = dict.fromkeys(sample.who for sample in samples if sample.who != "engine")
    figures = [figure for who in others for figure in ratios(samples, "engine", who, GOALS.get(who))]
    peaks = [sample.rss_mb for sample in samples if sample.who == "engine"]
    return [*figures, Figure("peak memory of the engine", peaks, "MB", Goal(MEMORY_MB, at_least=False))]
