"""The example projects: their settings load, and their saved messages are fit to be sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conductor_dsl.cli.check import command as check
from conductor_dsl.language.vocabulary import CONTACT_FIELDS, SavedMessage
from conductor_dsl.messages.saved_messages import load_saved_messages
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.project.settings import load_settings

EXAMPLES = Path(__file__).parents[2] / "examples"
PROJECTS = [EXAMPLES / "sentence", EXAMPLES / "winback"]
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
def test_every_saved_message_reads_only_what_there_is(project: Path) -> None:
    constants = load_settings(project, {}).constants
    for message in saved_messages(project):
        for text in (message.subject, message.preheader, message.body):
            reading = read_template(text)
            assert reading.problem is None
            for use in reading.variables:
                assert use.path in constants or (use.path in CONTACT_FIELDS and use.has_default), use


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_every_script_checks_without_a_finding(project: Path) -> None:
    result = CliRunner().invoke(check, [str(project)])
    assert (result.exit_code, "warning" in result.output) == (0, False), result.output
