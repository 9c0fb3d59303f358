"""The pages that explain diagnostic codes: one Markdown file per code."""

from __future__ import annotations

import re
from importlib.resources import files

FAMILIES = {
    "0": "Words, names and limits",
    "1": "The flow",
    "2": "Texts",
    "3": "E-mails",
    "4": "Consent and data",
    "5": "Time",
    "6": "Security",
    "7": "How much",
}
"""What the codes are about, by their first digit."""
_CODE = re.compile(r"CDX\d{3}")
_TITLE = re.compile(r"#\s+(?:CDX\d{3}[:\s]+)?(.+)")


def all_codes() -> tuple[str, ...]:
    """Every code that has a page, in order."""
    folder = files("conductor_dsl.language") / "pages"
    names = (entry.name.removesuffix(".md") for entry in folder.iterdir() if entry.name.endswith(".md"))
    return tuple(sorted(name for name in names if _CODE.fullmatch(name)))


def page(code: str) -> str | None:
    """The Markdown of a code's page; None where there is no such code."""
    if not _CODE.fullmatch(code):
        return None
    entry = files("conductor_dsl.language") / "pages" / f"{code}.md"
    return entry.read_text(encoding="utf-8") if entry.is_file() else None


def title(code: str) -> str:
    """The heading of a code's page, without the code; the code itself where there is no page."""
    match = _TITLE.match(page(code) or "")
    return match[1].strip() if match else code
