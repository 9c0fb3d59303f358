"""From figures to the page that tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

PREFACE = """# What has been proven

Made from the files in `docs/figures` by `python -m tests.proven`; do not edit it. Each file holds the figures of one
full run, with its seed, commit and machine. The verdict is that of the history checker, which is also `conductor
verify`: it holds what the database says against what a provider wrote down before it answered, in a file that the
engine never touches. [The map](../conductor_dsl/README.md) tells which promises there are, [the page of the
tests](../tests/README.md) how to repeat a run.

| what was done | seconds | verdict |
| --- | --- | --- |
"""


def figures_to_page(files: Iterable[Mapping[str, Any]]) -> str:
    """The page over the contents of files of figures, in the order of their titles."""
    found = sorted(files, key=lambda each: str(each["title"]))
    rows = [
        f"| [{each['title']}](#{_anchor(each['title'])}) | {_shown(each['seconds'])} | {_verdict(each)} |"
        for each in found
    ]
    return PREFACE + "\n".join(rows) + "\n" + "".join(_section(each) for each in found)


def _section(told: Mapping[str, Any]) -> str:
    facts = "\n".join(f"| {name} | {_shown(value)} |" for name, value in told["facts"].items())
    return f"""
## {told["title"]}

{told["what"]}

| figure | value |
| --- | --- |
{facts}

{_verdict(told).capitalize()}. {_origin(told)}
"""


def _verdict(told: Mapping[str, Any]) -> str:
    return "every promise was kept" if told["holds"] else "**a promise was broken**"


def _origin(told: Mapping[str, Any]) -> str:
    """Where and when it was measured, and how to do it again."""
    machine, versions = told["machine"], told["versions"]
    place = f"{machine['cores']} cores, {machine['memory_mb'] / 1024:.0f} GiB, {machine['processor']}"
    software = ", ".join(filter(None, (f"Python {versions['python']}", told["database"])))
    when = f"{str(told['at'])[:10]}, commit `{str(told['commit'])[:12]}`"
    return f"`{told['command']}`, seed {told['seed']}, {_shown(told['seconds'])} s, {when}; {place}; {software}."


def _shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")


def _anchor(title: str) -> str:
    """The name of a heading in a link, as GitHub makes it."""
    kept = (letter for letter in title.lower() if letter.isalnum() or letter in "-_ ")
    return "".join(kept).replace(" ", "-")
