"""What a script leaves unsaid can be shown, and nothing else is."""

from __future__ import annotations

from conductor_dsl.language.defaults import conversation_defaults
from conductor_dsl.language.report.defaults import defaults_in_words
from conductor_dsl.language.settings import SETTINGS
from tests.language.contexts import check_text

BARE = 'when no_order_within 60d -> sms "..." on_invalid pass -> wait 3d -> email saved:"Winback1" -> end'


def defaults(text: str) -> dict[tuple[str, str], str]:
    conversation = check_text(text).conversations[0]
    return {(default.place, default.name): default.value for default in conversation_defaults(conversation)}


def test_a_bare_chain_takes_every_setting_for_granted() -> None:
    assert {name for place, name in defaults(BARE) if not place} == set(SETTINGS)


def test_the_zone_of_the_project_is_named() -> None:
    assert defaults(BARE)["", "timezone"] == 'contact else "America/New_York"'


def test_a_written_line_is_no_default() -> None:
    text = 'conversation "A" { reentry never class alert thread "T" when order_count > 1 { end } }'
    assert ("", "reentry") not in defaults(text)
    assert ("", "class") not in defaults(text)
    assert defaults(text)["", "window"] == "none: at any hour"


def test_an_audience_says_how_often_it_is_looked_at() -> None:
    assert defaults(BARE)['thread "main"', "check"] == "1h"
    assert ('thread "main"', "check") not in defaults("when order_count > 1 check every 2h -> end")


def test_the_options_of_a_step_are_shown_once_and_only_where_one_leaves_them_out() -> None:
    assert ("sms", "on_invalid") not in defaults(BARE)
    assert defaults(BARE)["sms", "on_missing"] == "pass"
    assert defaults(BARE)["email", "on_invalid"] == "pass"
    assert defaults(f'{BARE[:-3]} sms "y" -> end')["sms", "on_invalid"] == "pass"


def test_defaults_are_printed_one_a_line_with_their_meaning() -> None:
    shown = defaults_in_words(check_text(BARE).conversations[0])
    assert shown.startswith("\nconversation `winback` in winback.cdx takes for granted:\n")
    assert "  # whether a contact may come in again after leaving\n" in shown
    settings = shown.splitlines()[2 : 2 + len(SETTINGS)]
    assert len({line.index("  # ") for line in settings}) == 1
