"""The scripts of a project know what the others declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor_dsl.language.check import Checked, Parsed
from conductor_dsl.language.parse import parse
from conductor_dsl.language.source import Source
from conductor_dsl.plugin.host import build_host
from conductor_dsl.project import project_scripts
from conductor_dsl.project.check_scripts import check_bytes, check_scripts

FIELDS = 'field tier text\nevent cart.left { total number }\nsegment gold = tier = "Gold"\n'
USES = """conversation "Cart" {
  thread "T" on cart.left where event.total > 5 { when gold -> set tier = "Big" -> end }
}
"""


def project(folder: Path, **scripts: str | bytes) -> Path:
    (folder / "conductor.toml").write_text('[brand]\nname = "Shop"\n')
    for name, text in scripts.items():
        (folder / f"{name}.cdx").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def check(*scripts: Path) -> list[Checked]:
    return check_scripts(scripts, build_host().vocabulary)


def said(checked: Checked) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in checked.report.findings if each.is_error]


def test_a_script_may_use_what_another_declares_though_that_one_is_not_checked(tmp_path: Path) -> None:
    project(tmp_path, shared=FIELDS + "when order_count > 5 -> end", cart=USES)
    (checked,) = check(tmp_path / "cart.cdx")
    assert said(checked) == []
    assert len(checked.conversations) == 1


def test_a_file_of_declarations_alone_is_a_script(tmp_path: Path) -> None:
    project(tmp_path, shared=FIELDS, cart=USES)
    assert [said(each) for each in check(tmp_path / "shared.cdx", tmp_path / "cart.cdx")] == [[], []]


def test_folders_of_a_project_share_and_a_project_within_does_not(tmp_path: Path) -> None:
    project(tmp_path, cart=USES)
    for name in ("more", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shared.cdx").write_text(FIELDS)
    assert said(check(tmp_path / "cart.cdx")[0]) == []
    (tmp_path / "more" / "shared.cdx").unlink()
    (tmp_path / "other" / "conductor.toml").write_text("")
    assert ("CDX005", "there is no event `cart.left`") in said(check(tmp_path / "cart.cdx")[0])


def test_without_settings_every_script_stands_alone(tmp_path: Path) -> None:
    project(tmp_path, shared=FIELDS, cart=USES)
    (tmp_path / "conductor.toml").unlink()
    assert "CDX005" in [code for code, _ in said(check(tmp_path / "cart.cdx")[0])]


def test_a_script_with_a_syntax_error_shares_what_could_be_read(tmp_path: Path) -> None:
    project(tmp_path, shared=FIELDS + "when order_count > -> = end", cart=USES)
    shared, cart = check(tmp_path / "shared.cdx", tmp_path / "cart.cdx")
    assert "CDX001" in [code for code, _ in said(shared)]
    assert said(cart) == []


def test_a_script_that_is_no_text_shares_nothing_and_harms_no_other(tmp_path: Path) -> None:
    project(tmp_path, shared=FIELDS, cart=USES, picture=b"\0\1\2", large=b"#" * 1_100_000)
    assert said(check(tmp_path / "cart.cdx")[0]) == []


def test_what_two_scripts_declare_differently_is_an_error_in_both(tmp_path: Path) -> None:
    project(tmp_path, one="field tier text\n", two="\nfield tier number\n")
    one, two = check(tmp_path / "one.cdx", tmp_path / "two.cdx")
    assert said(one) == [("CDX007", f"the field `tier` is declared differently in `{tmp_path}/two.cdx:2`")]
    assert said(two) == [("CDX007", f"the field `tier` is declared differently in `{tmp_path}/one.cdx:1`")]


@pytest.mark.parametrize("other", ['conversation "Cart" { thread "T" when order_count > 5 { end } }'])
def test_two_conversations_of_one_name_are_an_error_in_both(tmp_path: Path, other: str) -> None:
    project(tmp_path, shared=FIELDS, cart=USES, more=other)
    assert said(check(tmp_path / "cart.cdx")[0]) == [
        ("CDX007", f"the conversation `Cart` is in `{tmp_path}/more.cdx:1` too")
    ]


def test_two_chains_in_files_of_one_name_are_an_error(tmp_path: Path) -> None:
    project(tmp_path, cart="when order_count > 5 -> end")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "cart.cdx").write_text("when order_count > 6 -> end")
    assert [code for code, _ in said(check(tmp_path / "cart.cdx")[0])] == ["CDX007"]


def test_a_script_that_is_being_edited_does_not_meet_its_own_file(tmp_path: Path) -> None:
    project(tmp_path, shared=FIELDS, cart=USES)
    vocabulary = build_host().vocabulary
    edited = check_bytes("cart.cdx", USES.replace("> 5", "> 6").encode(), tmp_path, vocabulary)
    assert said(edited) == []
    assert "CDX007" in [code for code, _ in said(check_bytes("<stdin>", USES.encode(), tmp_path, vocabulary))]


def test_a_script_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, **{f"s{number}": f"when order_count > {number} -> end" for number in range(5)})
    read: list[str] = []

    def counted(source: Source) -> Parsed:
        read.append(source.name)
        return parse(source)

    monkeypatch.setattr(project_scripts, "parse", counted)
    check(*(tmp_path / f"s{number}.cdx" for number in range(3)))
    assert len(read) == 5
