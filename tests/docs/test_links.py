"""Every link in our pages leads somewhere: to a file of the repository, and to a heading in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.tree import CODE, ROOT, files, shown

LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`[^`\n]*`")
FOLDERS = (*CODE, "docs", "examples", "tests")
PAGES = sorted(shown(path) for path in (*ROOT.glob("*.md"), *files(*FOLDERS, suffix=".md")))
"""Not those of projects that somebody has made in the checkout."""


def prose(page: Path) -> str:
    """The text of a page without its code."""
    return QUOTED.sub("", FENCED.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The names under which the headings of a page can be linked to, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.*)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> list[str]:
    """The relative links of a page that lead nowhere."""
    found = []
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_of_a_page_leads_somewhere(page: str) -> None:
    assert broken(ROOT / page) == []


def test_a_link_that_leads_nowhere_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A heading\n[a](#a-heading) [b](#another) [c](page.md) [d](gone.md) [e](https://x.example)\n")
    assert broken(page) == ["#another", "gone.md"]


def test_the_first_page_leads_to_every_other_readme_and_the_page_of_the_examples_to_theirs() -> None:
    readmes = {page for page in PAGES if page.endswith("README.md") and page != "README.md"}
    assert readmes <= linked("README.md") | {f"examples/{page}" for page in linked("examples/README.md")}


def linked(page: str) -> set[str]:
    """The pages that a page leads to, as it names them."""
    return {link.partition("#")[0] for link in LINK.findall(prose(ROOT / page))}
