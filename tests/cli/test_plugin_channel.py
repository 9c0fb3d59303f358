"""A channel that a plugin brings: a word in scripts, tests and settings; and a rehearsal never reaches outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conductor_dsl.cli import main
from tests.plugin.installing import install
from tests.plugin.push import CODE, SCRIPT, SETTINGS


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose only channel is `push`, with the plugin installed."""
    site, shop = tmp_path / "site", tmp_path / "shop"
    site.mkdir()
    shop.mkdir()
    install(site, "push", CODE)
    monkeypatch.syspath_prepend(str(site))
    (shop / "conductor.toml").write_text(SETTINGS)
    (shop / "back.cdx").write_text(SCRIPT)
    return shop


def conductor(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], prog_name="conductor")


def test_the_script_checks_and_its_tests_pass_without_a_live_provider_or_a_call_that_sends(shop: Path) -> None:
    checked = conductor("check", shop, "--format", "concise")
    assert (checked.exit_code, checked.stdout) == (0, ""), checked.output
    played = conductor("test", shop)
    assert played.exit_code == 0, played.output
    assert "3 tests" in played.output


def test_a_preview_shows_a_message_of_the_channel_and_builds_no_provider(shop: Path) -> None:
    shown = conductor("preview", shop / "back.cdx", "--step", "push")
    assert shown.exit_code == 0, shown.output
    assert "Shop app" in shown.stdout and "Hi " in shown.stdout
    assert "part," not in shown.stdout


def test_a_run_needs_the_secret_and_builds_the_provider(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the environment variable `PUSH_TOKEN` is not set" in conductor("run", shop).stderr
    monkeypatch.setenv("PUSH_TOKEN", "x")
    told = conductor("run", shop).stderr
    assert "the provider `cloud` failed: RuntimeError: a live provider was built" in told
    assert "conductor itself failed" not in told


def test_without_a_table_of_its_own_a_channel_is_developed(shop: Path) -> None:
    (shop / "conductor.toml").write_text(SETTINGS.partition("[push]")[0])
    ran = conductor("run", shop)
    assert ran.exit_code == 0, ran.output


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_channel_that_no_plugin_carries_is_named(shop: Path, command: str) -> None:
    (shop / "conductor.toml").write_text(
        SETTINGS.replace("[push]", "[pusch]").replace('token = { env = "PUSH_TOKEN" }', "")
    )
    result = conductor(command, shop)
    assert result.exit_code == 2
    assert "conductor.toml: no plugin carries the channel `pusch`" in result.stderr
    assert "did you mean `push`" in result.stderr


def test_a_table_that_is_no_channel_stays_a_mistake(shop: Path) -> None:
    (shop / "conductor.toml").write_text(SETTINGS + "[pisch]\ntoken_url = 'x'\n")
    assert "unknown table or key `pisch`" in conductor("check", shop).stderr


def test_a_word_of_the_channel_without_its_plugin_is_a_finding(tmp_path: Path) -> None:
    script = 'conversation "B" { cap push 1 per 7d when no_order_within 60d -> wait 1d -> end }'
    (tmp_path / "back.cdx").write_text(script)
    assert "`cap` needs `sms` or `email`, found `push`" in conductor("check", tmp_path, "--format", "concise").stdout
