"""The pages that explain diagnostic codes: one Markdown file per code."""

from __future__ import annotations

import re
from importlib.resources import files

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
