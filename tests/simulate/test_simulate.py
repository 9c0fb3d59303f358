"""Worlds in which everything goes wrong keep every promise; the same seed tells the same world; bugs are noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases import execute
from tests.proven.figures import ROOT
from tests.simulate.bugs import BUGS
from tests.simulate.stage import ServerStage, Stage, file_stage
from tests.simulate.teeth import POWER, catch
from tests.story import tell

QUICK = ("decided_once", "window_once", "rendered_anew", "sent_anew", "failover_on_timeout", "last_write_wins")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A stage for all worlds of this module."""
    with file_stage() as stage:
        yield stage


@pytest.mark.parametrize("seed", range(5))
def test_a_world_in_which_everything_goes_wrong_keeps_every_promise(stage: Stage, seed: int) -> None:
    outcome = stage.tell(seed)
    assert outcome.wrong == ()
    # Not for want of trying.
    assert outcome.figures["runs completed"] and len(outcome.trace) > 20


def test_the_same_seed_tells_the_same_world_also_in_another_process(stage: Stage) -> None:
    told = [stage.tell(6).hash, stage.tell(7).hash, stage.tell(6).hash]
    assert told[0] == told[2] != told[1]
    code = "from tests.simulate.stage import seeds_told; print(seeds_told([6])[0].hash)"
    # In what order Python goes through a set of texts is another one there.
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == told[0]


@pytest.mark.parametrize("name", QUICK)
def test_a_classic_mistake_is_noticed_and_without_it_all_is_well(stage: Stage, name: str) -> None:
    assert catch(BUGS[name], stage).by
    assert stage.tell(0, BUGS[name].storm).wrong == ()


@pytest.mark.simulate
@pytest.mark.parametrize("name", [name for name in BUGS if name not in (*QUICK, POWER)])
def test_every_other_mistake_is_noticed_too(stage: Stage, name: str) -> None:
    assert catch(BUGS[name], stage).by
    assert stage.tell(0, BUGS[name].storm).wrong == ()


@pytest.mark.simulate
def test_fifty_seeds_tell_the_same_worlds_twice(stage: Stage) -> None:
    hashes = [[stage.tell(seed).hash for seed in range(50)] for _ in range(2)]
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0])) == 50


@pytest.mark.simulate
def test_worlds_over_postgresql_keep_every_promise(postgres_server: str) -> None:
    name = "simulated"
    execute(postgres_server, f"CREATE DATABASE {name} TEMPLATE template0")
    stage = ServerStage(sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False))
    wrong = [replace(stage.tell(seed), trace=()) for seed in range(12)]
    stage.close()
    assert [outcome for outcome in wrong if outcome.wrong] == []


@pytest.mark.simulate
def test_2_000_worlds_keep_every_promise(tmp_path: Path) -> None:
    told = tell("tests.simulate", tmp_path, "--seeds", "0:2000", "--jobs", "2", figures="simulate")
    assert told["wrong"] == []
    assert told["figures"]["killed"] > 2_000
