"""The example projects: their settings load, and their saved messages are fit to be sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conductor_dsl.cli.check import command as check
from conductor_dsl.cli.fmt import command as fmt
from conductor_dsl.language.vocabulary import SavedMessage
from conductor_dsl.messages.saved_messages import load_saved_messages

EXAMPLES = Path(__file__).parents[2] / "examples"
PROJECTS = sorted({script.parent for script in EXAMPLES.glob("*/*.cdx")} - {EXAMPLES / "broken"})
SENTENCE = 'when no_order_within 60d -> sms "..." on_invalid pass -> wait 3d -> email saved:"Winback1" -> end\n'


def saved_messages(project: Path) -> list[SavedMessage]:
    return list(load_saved_messages(project / "messages").values())


def test_the_sentence_is_the_whole_program() -> None:
    assert (EXAMPLES / "sentence" / "winback.cdx").read_text(encoding="utf-8") == SENTENCE


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_every_saved_message_is_ready_and_keeps_the_law(project: Path) -> None:
    messages = saved_messages(project)
    assert messages
    for message in messages:
        assert (message.channel, message.status) == ("email", "ready")
        assert message.subject and message.preheader
        assert "{{ unsubscribe_url }}" in message.body and "{{ postal_address }}" in message.body


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_every_script_checks_without_a_finding(project: Path) -> None:
    result = CliRunner().invoke(check, [str(project)])
    assert (result.exit_code, "warning" in result.output) == (0, False), result.output


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_every_script_is_laid_out_in_the_agreed_way(project: Path) -> None:
    result = CliRunner().invoke(fmt, ["--check", str(project)])
    assert result.exit_code == 0, result.output
