"""`conductor plugins` names every plugin with its health, and a broken one takes nothing down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conductor_dsl.cli import main
from tests.plugin.installing import install

CHECK = """
from conductor_dsl.api import Finding, ScriptCheck, hookimpl


@hookimpl
def conductor_checks():
    find = lambda file, context: [Finding(c.name_span, "no Fridays") for c in file.conversations]
    page = "# SHOP001: Fridays\\n\\nNobody reads then."
    return [ScriptCheck("SHOP001", "a conversation on a Friday", find, page=page)]
"""
WRONG = "from conductor_dsl.api import hookimpl\n@hookimpl\ndef conductor_steps():\n    return ['a']\n"
SCRIPT = 'when no_order_within 60d -> email subject "Hi" body "Hello" -> end\n'


def conductor(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="conductor")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_every_plugin_is_listed_with_its_version_and_what_it_gives() -> None:
    result = conductor("plugins")
    assert result.exit_code == 0, result.stdout
    lines = result.stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("steps_messages "))
    assert lines[place].split()[1] == "conductor-dsl"
    assert lines[place].endswith("  ok")
    assert lines[place + 1 : place + 3] == ["  steps: sms, email", "  reaches others by: sms, email"]


def test_a_broken_plugin_is_named_with_its_reason_and_the_others_stay(site: Path) -> None:
    install(site, "loyalty", "import not_there\n", version="3.1")
    result = conductor("plugins")
    assert result.exit_code == 1
    assert "shop-loyalty 3.1" in result.stdout
    assert "  ModuleNotFoundError: No module named 'not_there'\n" in result.stdout
    assert "  steps: sms, email" in result.stdout


def test_a_program_gets_json(site: Path) -> None:
    install(site, "shop", CHECK)
    install(
        site, "wrong", "from conductor_dsl.api import hookimpl\n@hookimpl\ndef conductor_steps():\n    return ['a']\n"
    )
    told = {each["name"]: each for each in json.loads(conductor("plugins", "--json").stdout)}
    assert told["shop"] == {
        "name": "shop",
        "distribution": "shop-shop",
        "version": "1.0",
        "health": "ok",
        "problems": [],
        "gives": {"checks": ["SHOP001"]},
        "reaches_others_by": [],
    }
    assert told["wrong"]["health"] == "broken"
    assert told["wrong"]["problems"] == ["conductor_steps gave a str, not a StepType"]


def test_a_collision_is_told_of_both(site: Path) -> None:
    install(site, "one", CHECK)
    install(site, "two", CHECK)
    told = {each["name"]: each for each in json.loads(conductor("plugins", "--json").stdout)}
    assert told["one"]["health"] == told["two"]["health"] == "broken"
    assert "`one` of shop-one 1.0 and `two` of shop-two 1.0" in told["two"]["problems"][0]
    assert told["steps_messages"]["health"] == "ok"
    assert conductor("check", "-").exit_code == 2


def test_a_check_of_a_plugin_is_made_explained_and_listed(site: Path) -> None:
    install(site, "shop", CHECK)
    (site / "shop.cdx").write_text(SCRIPT)
    assert "warning[SHOP001] no Fridays" in conductor("check", str(site / "shop.cdx"), "--format", "concise").stdout
    assert conductor("explain", "shop001").stdout == "SHOP001: Fridays\n\nNobody reads then.\n"
    assert "From the plugin shop\n  SHOP001  a conversation on a Friday\n" in conductor("explain").stdout
    assert "did you mean `SHOP001`" in conductor("explain", "SHOP01").stderr


@pytest.mark.parametrize("command", ["check", "preview"])
def test_a_broken_plugin_is_named_and_the_work_is_done(site: Path, command: str) -> None:
    install(site, "loyalty", "import not_there\n")
    (site / "shop.cdx").write_text(SCRIPT)
    result = conductor(command, str(site / "shop.cdx"))
    assert result.exit_code == 0
    assert result.stdout
    assert "warning: the plugin `loyalty` cannot be used: ModuleNotFoundError" in result.stderr


def test_a_plugin_for_another_contract_says_so(site: Path) -> None:
    install(site, "later", "CONTRACT = 2\n", version="9.0")
    result = conductor("plugins")
    assert result.exit_code == 1
    assert "shop-later 9.0" in result.stdout
    assert "  it is made for contract 2 between Conductor and plugins, and here is 1" in result.stdout


def test_of_our_own_providers_two_reach_nobody() -> None:
    told = json.loads(conductor("plugins", "--json").stdout)
    quiet = [name for each in told for name in each["gives"].get("providers", ()) if not each["reaches_others_by"]]
    assert quiet == ["development", "file"]
