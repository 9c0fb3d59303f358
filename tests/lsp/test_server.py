"""The language server, asked over the protocol by a client in another process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.cli.serving import SETTINGS, conductor, make_project
from tests.lsp.editor import Editor, place

SCRIPT = """\
# 😀 winback
segment lapsed = no_order_within 60d
conversation "Back" {
  thread "Main" when lapsed {
    sms "{{ brand }}: 😀 hello {{ first_name | default: 'you' }}! Reply STOP." as "Hello"
    -> wait 3d
    -> goto step:"Hello" if no_order_within 7d at most 3 times
    -> goto thread:"Last"
  }
  thread "Last" { email saved:"Winback1" -> end }
}
"""
SHARED = "field tier text\nevent cart.left { total number }\n"


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    with Editor() as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    brand = 'postal_address = "1 Main St"\nunsubscribe_url = "https://shop.example/?{key}"\nshop_url = "https://shop.example"\n'
    settings = SETTINGS.replace("[lists]", f"{brand}[lists]")
    folder = make_project(tmp_path / "shop", {"shared.cdx": SHARED}, settings)
    (folder / "messages").mkdir()
    (folder / "messages" / "Winback1.html").write_text(
        "---\nsubject: We kept your mug\n---\n<p>Hi</p><p>{{ postal_address }} {{ unsubscribe_url }}</p>"
    )
    return folder


def document(path: Path) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(path.as_uri())


def at(path: Path, position: types.Position) -> dict[str, Any]:
    return {"text_document": document(path), "position": position}


def errors(found: list[types.Diagnostic]) -> list[str]:
    return [f"{each.code} {each.message}" for each in found if each.severity is types.DiagnosticSeverity.Error]


def words(editor: Editor, path: Path, position: types.Position) -> list[str]:
    return [item.label for item in editor.ask("completion", types.CompletionParams(**at(path, position)))]


def test_findings_come_as_one_types_with_their_hints(editor: Editor, shop: Path) -> None:
    path = shop / "a.cdx"
    assert errors(editor.open(path, SCRIPT)) == []
    found = editor.type(path, SCRIPT.replace("no_order_within 60d", "no_ordr_within 60d"))
    assert errors(found) == [
        "CDX005 `no_ordr_within` is neither a condition nor a field\nhint: did you mean `no_order_within`?"
    ]
    assert found[0].range == types.Range(types.Position(1, 17), types.Position(1, 31))
    assert errors(editor.type(path, SCRIPT)) == []
    assert editor.close(path) == []


def test_what_was_meant_can_be_written_at_a_keystroke(editor: Editor, shop: Path) -> None:
    path = shop / "a.cdx"
    found = editor.open(path, "when no_ordr_within 60d -> end")
    context = types.CodeActionContext(diagnostics=found)
    whole = types.Range(types.Position(0, 0), types.Position(0, 30))
    [action] = editor.ask("code_action", types.CodeActionParams(document(path), whole, context))
    assert action.title == "write `no_order_within`"
    [edit] = action.edit.changes[path.as_uri()]
    assert (edit.new_text, edit.range.start.character, edit.range.end.character) == ("no_order_within", 5, 19)


def test_a_change_of_one_script_reaches_the_others(editor: Editor, shop: Path) -> None:
    path, shared = shop / "a.cdx", shop / "shared.cdx"
    text = 'when tier = "Gold" -> end'
    assert errors(editor.open(path, text)) == []
    editor.open(shared, SHARED)
    assert editor.findings(path) == []
    editor.type(shared, "field level text\n")
    assert errors(editor.findings(path)) != []
    editor.close(shared)
    assert errors(editor.findings(path)) == []
    editor.close(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wh|", {"when"}),
        ("when order_count >= 1 -> |", {"sms", "email", "wait", "goto", "end"}),
        ("when no_o|", {"no_order_within"}),
        ("when tie|", {"tier"}),
        ("on car|", {"cart.left"}),
        ('when order_count >= 1 -> email saved:"|', {"Winback1"}),
        ("when order_count >= 1 -> email saved:|", {"Winback1"}),
        ('when order_count >= 1 -> sms "Hello {{ fir|', {"first_name"}),
        ('when order_count >= 1 -> sms "x" from code:"|', {"34567"}),
        ('when order_count >= 1 -> sms "x" on_|', {"on_invalid", "on_missing", "on_failed"}),
        ('conversation "A" { win|', {"window"}),
        ('conversation "A" { thread "T" on order.placed { sms "x" -> wait 1d -> e|', {"end", "email"}),
        ('conversation "A" { thread "T" on cart.left where event.|', {"event.total"}),
        ("field birthday d|", {"date"}),
        (
            'conversation "A" { thread "T" when tier = "a" { sms "x" as "Hi" -> goto step:"|" at most 3 times } }',
            {"Hi"},
        ),
        ('test "t" { exp|', {"expect"}),
        ('test "t" { given |', {"contact", "product", "cart"}),
        ('test "t" { expect |', {"no", "exit", "end", "field"}),
        ('test "t" { expect email saved:"|', {"Winback1"}),
        ('test "t" { when order.placed { total 20 } aft|', {"after"}),
    ],
)
def test_words_are_offered_that_may_stand_there(editor: Editor, shop: Path, text: str, expected: set[str]) -> None:
    path = shop / "b.cdx"
    editor.open(path, text.replace("|", ""))
    offered = words(editor, path, place(text, "|"))
    assert expected <= set(offered)
    assert len(offered) < 200
    editor.close(path)


@pytest.mark.parametrize(
    "text", ["# when |", 'when order_count >= 1 -> sms "when |', "segment a = order_count >= 1 # |"]
)
def test_nothing_is_offered_in_comments_and_texts(editor: Editor, shop: Path, text: str) -> None:
    path = shop / "b.cdx"
    editor.open(path, text.replace("|", ""))
    assert words(editor, path, place(text, "|")) == []
    editor.close(path)


def test_an_accepted_word_replaces_what_was_typed(editor: Editor, shop: Path) -> None:
    path, text = shop / "b.cdx", 'when tier = "😀" and no_o'
    editor.open(path, text)
    items = editor.ask("completion", types.CompletionParams(**at(path, place(text, "no_o", 4))))
    [item] = [item for item in items if item.label == "no_order_within"]
    assert item.text_edit.range == types.Range(types.Position(0, 21), types.Position(0, 25))
    editor.close(path)


@pytest.mark.parametrize(
    ("needle", "told"),
    [
        ("wait 3d", "```cdx\nwait DURATION"),
        ("no_order_within 60d", "No order in this time, or ever."),
        ("lapsed {", "segment **lapsed**\n\n`segment lapsed = no_order_within 60d`"),
        ('"Winback1"', "**We kept your mug**"),
    ],
)
def test_what_a_word_means_is_shown(editor: Editor, shop: Path, needle: str, told: str) -> None:
    path = shop / "a.cdx"
    editor.open(path, SCRIPT)
    hover = editor.ask("hover", types.HoverParams(**at(path, place(SCRIPT, needle, 2))))
    assert told in hover.contents.value
    editor.close(path)


@pytest.mark.parametrize(
    ("needle", "given"),
    [('step:"Hello"', '"Hello"'), ('thread:"Last"', '"Last" {'), ("lapsed {", "segment lapsed")],
)
def test_a_name_leads_to_where_it_is_given(editor: Editor, shop: Path, needle: str, given: str) -> None:
    path = shop / "a.cdx"
    editor.open(path, SCRIPT)
    found = editor.ask("definition", types.DefinitionParams(**at(path, place(SCRIPT, needle, 2))))
    assert found.uri == path.as_uri()
    assert found.range.start == place(SCRIPT, given)
    editor.close(path)


def test_names_lead_to_other_files(editor: Editor, shop: Path) -> None:
    path, text = shop / "a.cdx", 'when tier = "Gold" -> email saved:"Winback1" -> end'
    editor.open(path, text)
    message = editor.ask("definition", types.DefinitionParams(**at(path, place(text, "Winback1"))))
    assert message.uri == (shop / "messages" / "Winback1.html").as_uri()
    field = editor.ask("definition", types.DefinitionParams(**at(path, place(text, "tier"))))
    assert (field.uri, field.range.start) == ((shop / "shared.cdx").as_uri(), types.Position(0, 0))
    editor.close(path)


def applied(text: str, edits: list[types.TextEdit]) -> str:
    for edit in sorted(edits, key=lambda each: each.range.start, reverse=True):
        lines = text.split("\n")
        line = lines[edit.range.start.line].encode("utf-16-le")
        start, end = 2 * edit.range.start.character, 2 * edit.range.end.character
        lines[edit.range.start.line] = (line[:start] + edit.new_text.encode("utf-16-le") + line[end:]).decode(
            "utf-16-le"
        )
        text = "\n".join(lines)
    return text


@pytest.mark.parametrize(
    ("needle", "ahead", "old"), [('as "Hello"', 5, "Hello"), ('step:"Hello"', 7, "Hello"), ('thread "Last"', 9, "Last")]
)
def test_a_name_is_changed_wherever_it_stands(editor: Editor, shop: Path, needle: str, ahead: int, old: str) -> None:
    path = shop / "a.cdx"
    editor.open(path, SCRIPT)
    here = at(path, place(SCRIPT, needle, ahead))
    assert editor.ask("prepare_rename", types.PrepareRenameParams(**here)).placeholder == old
    edit = editor.ask("rename", types.RenameParams(**here, new_name="Neu 1"))
    renamed = applied(SCRIPT, edit.changes[path.as_uri()])
    assert renamed == SCRIPT.replace(f'"{old}"', '"Neu 1"')
    assert errors(editor.type(path, renamed)) == []
    editor.close(path)


@pytest.mark.parametrize(
    ("name", "told"), [('a"b', "cannot be a name"), ("Last", "there is a `Last` already"), (" ", "cannot")]
)
def test_a_name_that_cannot_be_given_is_refused(editor: Editor, shop: Path, name: str, told: str) -> None:
    path = shop / "a.cdx"
    editor.open(path, SCRIPT)
    here = at(path, place(SCRIPT, 'as "Hello"', 5))
    with pytest.raises(JsonRpcException, match=told):
        editor.ask("rename", types.RenameParams(**here, new_name=name))
    editor.close(path)


def test_a_script_is_laid_out_as_fmt_does_it(editor: Editor, shop: Path) -> None:
    path, text = shop / "a.cdx", "when   order_count>=1->\n\n end"
    editor.open(path, text)
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    [edit] = editor.ask("formatting", types.DocumentFormattingParams(document(path), options))
    path.write_text(text)
    conductor("fmt", str(path))
    assert edit.new_text == path.read_text()
    assert edit.range == types.Range(types.Position(0, 0), types.Position(2, 4))
    editor.type(path, "when -> (")
    assert editor.ask("formatting", types.DocumentFormattingParams(document(path), options)) == ()
    editor.close(path)


def test_the_outline_shows_threads_and_steps(editor: Editor, shop: Path) -> None:
    path = shop / "a.cdx"
    editor.open(path, SCRIPT)
    found = editor.ask("document_symbol", types.DocumentSymbolParams(document(path)))
    assert [symbol.name for symbol in found] == ["lapsed", "Back"]
    assert [[step.name for step in thread.children] for thread in found[1].children] == [
        ["Hello", "wait", "goto", "goto 2"],
        ["email", "end"],
    ]
    editor.close(path)


def test_settings_that_cannot_be_read_are_told_where_one_looks(editor: Editor, shop: Path) -> None:
    (shop / "conductor.toml").write_text("[brand\n")
    path = shop / "a.cdx"
    [found] = editor.open(path, SCRIPT)
    assert "not valid TOML" in found.message
    assert words(editor, path, place(SCRIPT, "wait")) == []
    editor.close(path)


def test_what_is_no_script_is_refused_and_the_server_goes_on(editor: Editor, shop: Path) -> None:
    path = shop / "a.cdx"
    [found] = editor.open(path, "when a\0")
    assert found.code == "CDX004"
    assert errors(editor.type(path, SCRIPT)) == []
    editor.close(path)
