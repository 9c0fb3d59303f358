"""A check that a plugin adds to `conductor check`, with a code of its own such as `SHOP001`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from conductor_dsl.language.diagnostics import Diagnostic, Severity
from conductor_dsl.language.source import Span

if TYPE_CHECKING:  # the vocabulary holds checks, and checks read what is bound by the vocabulary
    from conductor_dsl.language.bound import BoundFile
    from conductor_dsl.language.vocabulary import Context

CODE = re.compile(r"(?P<prefix>[A-Z]{2,12})\d{3}")
OUR_PREFIX = "CDX"


class Finding(NamedTuple):
    """What a check has found: one clause in lower case without a stop, and the remedy in the hint."""

    span: Span
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class ScriptCheck:
    """A check by its code: a prefix of the plugin's own in capitals, and three digits.

    `find` gets a file in which every word has its meaning, and the project. `page` is what `conductor explain` shows,
    in Markdown; without one, the summary.
    """

    code: str
    summary: str
    find: Callable[[BoundFile, Context], Iterable[Finding]]
    severity: Severity = Severity.WARNING
    page: str = ""


def prefix_of(code: str) -> str:
    """The letters of a code; empty for what is no code that a plugin may have."""
    match = CODE.fullmatch(code)
    return match["prefix"] if match and match["prefix"] != OUR_PREFIX else ""


def run_check(check: ScriptCheck, file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """What a check finds; one that fails is itself the finding, and not an error of the script."""
    try:
        found = [_checked(finding) for finding in check.find(file, context)]
    except Exception as failure:  # noqa: BLE001  # a plugin's code may raise anything
        message = f"the check `{check.code}` could not be made: {type(failure).__name__}: {failure}".partition("\n")[0]
        hint = "this is a mistake of its plugin, not of the script; `conductor plugins` tells which one"
        yield Diagnostic(check.code, Severity.WARNING, Span(0, 0), message, hint)
        return
    for finding in found:
        yield Diagnostic(check.code, check.severity, finding.span, finding.message, finding.hint)


def _checked(given: Any) -> Finding:
    """A finding as it has to be; raises TypeError for anything else, since a plugin may give anything."""
    span, message, hint = (*given, None) if len(given) == 2 else given
    if isinstance(span, Span) and isinstance(message, str) and isinstance(hint, str | None):
        return Finding(span, message, hint)
    raise TypeError("a finding is a span, a message, and perhaps a hint")
