"""What the codes of a provider mean: a dated data file, for providers change their codes more often than we our code.

as_of = 2026-11-25
source = "https://provider.example/docs/errors"

[[error]]
codes = ["21211", "5.1.*"]     # a star at the end stands for anything
verdict = "rejected"           # or transient, undelivered, ambiguous
mark = "invalid"               # what it tells of the address; may be left out
retry_after = "15m"            # the whole sender waits so long; may be left out
means = "there is no such number"

[unknown]                      # of a code that is not in the file
verdict = "transient"
means = "a code that is not known"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from conductor_dsl.plugin.channels import Mark, Receipt, Verdict
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.errors import PluginError

STAR = "*"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code says of the message, of the address, and of the sender (`retry_after`, in milliseconds)."""

    verdict: Verdict
    means: str
    mark: Mark = Mark.NONE
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """The meanings of a provider's codes, as they were on a day."""

    as_of: date
    source: str
    exact: Mapping[str, Meaning]
    beginnings: tuple[tuple[str, Meaning], ...]
    unknown: Meaning

    def meaning(self, code: str) -> Meaning:
        """The meaning of a code: its own, else that of the longest beginning, else that of unknown codes."""
        own = self.exact.get(code)
        if own is not None:
            return own
        return next((meaning for start, meaning in self.beginnings if code.startswith(start)), self.unknown)

    def receipt(self, key: str, code: str, detail: str = "", provider_id: str = "") -> Receipt:
        """The receipt of a message that got this code; where the provider gives no words, the meaning's."""
        meaning = self.meaning(code)
        said = detail or meaning.means
        return Receipt(key, meaning.verdict, provider_id, code, said, meaning.mark, meaning.retry_after)


def read_error_table(text: str) -> ErrorTable:
    """A table from its TOML; raises PluginError where it is not as above."""
    try:
        tables = tomllib.loads(text)
        meanings = {code: _meaning(entry) for entry in tables["error"] for code in entry["codes"]}
        unknown = _meaning(tables["unknown"])
        as_of, source = tables["as_of"], tables["source"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as problem:
        raise PluginError(f"a table of error codes is not as it should be: {problem}") from None
    if not isinstance(as_of, date):
        raise PluginError("a table of error codes has no date `as_of`")
    starts = {code.removesuffix(STAR): meaning for code, meaning in meanings.items() if code.endswith(STAR)}
    exact = {code: meaning for code, meaning in meanings.items() if not code.endswith(STAR)}
    longest_first = sorted(starts.items(), key=lambda pair: -len(pair[0]))
    return ErrorTable(as_of, str(source), exact, tuple(longest_first), unknown)


def _meaning(entry: Mapping[str, Any]) -> Meaning:
    wait = Duration.parse(entry["retry_after"]).after(0) if "retry_after" in entry else 0
    return Meaning(Verdict(entry["verdict"]), entry["means"], Mark(entry.get("mark", "")), wait)
