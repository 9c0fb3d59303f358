"""The import contracts of setup.cfg hold (`make test` runs them), and each of them catches a breach."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

BREACHES = {
    "layers": ("conductor_dsl/shared/clock.py", "import conductor_dsl.runtime"),
    "plugins": ("conductor_plugins/steps_flow/__init__.py", "import conductor_dsl.language.ast"),
    "engine": ("conductor_dsl/plugin/contracts.py", "import conductor_plugins.steps_flow"),
    "lark": ("conductor_dsl/program/operations.py", "import lark"),
    "alembic": ("conductor_dsl/runtime/__init__.py", "import alembic.op"),
    "pluggy": ("conductor_dsl/store/tables.py", "import pluggy"),
    "apscheduler": ("conductor_dsl/runtime/__init__.py", "import apscheduler.schedulers.background"),
    "liquid": ("conductor_dsl/store/tables.py", "import liquid"),
    "starlette": ("conductor_dsl/cli/__init__.py", "import starlette.routing"),
    "sqlalchemy": ("conductor_dsl/messages/__init__.py", "import sqlalchemy.orm"),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the contracts say of a copy of the code in which each of them is broken once; keyed by contract name."""
    copy = tmp_path_factory.mktemp("broken")
    for folder, name in (("conductor_dsl", "conductor_dsl"), ("plugins", "conductor_plugins")):
        shutil.copytree(ROOT / folder, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", copy)
    for path, statement in BREACHES.values():
        with (copy / path).open("a", encoding="utf-8") as module:
            module.write(f"\n{statement}\n")
    said = lint(copy)
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", said, re.MULTILINE))
    assert verdicts, said
    return verdicts


@pytest.mark.parametrize("contract", sorted(BREACHES))
def test_a_contract_catches_its_breach(contract: str, verdicts: dict[str, str]) -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    assert verdicts[settings[f"importlinter:contract:{contract}"]["name"]] == "BROKEN"


def test_every_contract_is_tried() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    contracts = {name.rpartition(":")[2] for name in settings.sections() if name.startswith("importlinter:contract:")}
    assert contracts == set(BREACHES)


def lint(folder: Path) -> str:
    """What import-linter says of the code in a folder, one line a contract."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "500"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
