"""`conductor graph`: drawing a conversation from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.serving import LETTER, WELCOME, conductor, import_contacts, make_project


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop", {"letter.cdx": LETTER})


def test_it_writes_svg_to_standard_output(shop: Path) -> None:
    result = conductor("graph", str(shop / "letter.cdx"))
    assert result.exit_code == 0
    assert result.stdout.startswith("<svg ")
    assert "<title>Letter</title>" in result.stdout


@pytest.mark.parametrize(
    ("name", "beginning"), [("a.png", b"\x89PNG"), ("a.svg", b"<svg"), ("a.mmd", b"flowchart"), ("a.dot", b"digraph")]
)
def test_the_name_of_the_file_says_the_format(shop: Path, name: str, beginning: bytes) -> None:
    result = conductor("graph", str(shop / "letter.cdx"), "--output", str(shop / name))
    assert (result.exit_code, result.stdout) == (0, f"wrote {shop / name}\n")
    assert (shop / name).read_bytes().startswith(beginning)


def test_live_figures_come_from_the_database(shop: Path) -> None:
    import_contacts(shop, 1_200)
    conductor("run", str(shop))
    text = conductor("graph", str(shop / "letter.cdx"), "--live", "--format", "mermaid").stdout
    assert "1,200 entered" in text
    assert "We miss you<br/>1,200 sent" in text
    assert "1,200 will go on here" in text


def test_a_script_that_differs_from_what_is_published_says_so(shop: Path) -> None:
    conductor("run", str(shop))
    (shop / "letter.cdx").write_text(LETTER.replace("wait 3d ->", ""))
    result = conductor("graph", str(shop / "letter.cdx"), "--live")
    assert result.exit_code == 0
    assert "the script has other steps than what is published" in result.stderr


def test_what_is_not_published_has_no_figures(shop: Path) -> None:
    make_project(shop, {"welcome.cdx": WELCOME})
    (shop / "welcome.cdx").rename(shop.parent / "later.txt")
    conductor("run", str(shop))
    (shop.parent / "later.txt").rename(shop / "welcome.cdx")
    result = conductor("graph", str(shop / "welcome.cdx"), "--live")
    assert "`Welcome` is not published, so there are no figures" in result.stderr


@pytest.mark.parametrize(
    ("script", "options", "message"),
    [
        (
            LETTER + WELCOME,
            (),
            "the script holds 2 conversations\nhint: name one with --conversation: `Letter`, `Welcome`",
        ),
        (LETTER, ("--conversation", "Leter"), "no conversation `Leter` in the script\nhint: did you mean `Letter`?"),
        ("field tier text", (), "the script holds no conversation"),
    ],
)
def test_what_cannot_be_drawn_is_said_with_the_remedy(
    shop: Path, script: str, options: tuple[str, ...], message: str
) -> None:
    (shop / "letter.cdx").write_text(script)
    result = conductor("graph", str(shop / "letter.cdx"), *options)
    assert result.exit_code == 2
    assert message in result.output


def test_a_script_with_errors_is_not_drawn(shop: Path) -> None:
    (shop / "letter.cdx").write_text("when no_ordr_within 60d -> end")
    result = conductor("graph", str(shop / "letter.cdx"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "did you mean `no_order_within`?" in result.stderr
