"""One renderer of diagnostics per module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from conductor_dsl.language.diagnostics import Report
from conductor_dsl.language.report.as_json import to_json
from conductor_dsl.language.report.concise import to_concise
from conductor_dsl.language.report.full import to_full
from conductor_dsl.language.report.github import to_github
from conductor_dsl.language.report.look import Look
from conductor_dsl.language.report.sarif import to_sarif

Renderer = Callable[[Sequence[Report], Look], str]
"""From the reports of all files to the whole text that is printed."""

RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {"full": to_full, "concise": to_concise, "json": to_json, "sarif": to_sarif, "github": to_github}
)
"""The formats of `conductor check --format`."""
