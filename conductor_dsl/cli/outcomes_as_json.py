"""Outcomes of tests as JSON for programs.

The shape is stable: `{"version": 1, "passed": 3, "failed": 1, "tests": [...]}`. A test has `file`, `line`, `name`,
`passed`, `failures` (each with `line`, `expected` and `got`) and `path`, the lines that tell what its contacts went
through, where it has failed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from conductor_dsl.runtime.rehearse.nouns import Outcome


def outcomes_to_json(outcomes: Sequence[Outcome]) -> str:
    """One JSON object about all tests."""
    failed = sum(bool(outcome.failures) for outcome in outcomes)
    tests = [_test(outcome) for outcome in outcomes]
    data = {"version": 1, "passed": len(outcomes) - failed, "failed": failed, "tests": tests}
    return json.dumps(data, indent=2) + "\n"


def _test(outcome: Outcome) -> dict[str, Any]:
    return {
        "file": outcome.source.name,
        "line": outcome.line,
        "name": outcome.test.name,
        "passed": not outcome.failures,
        "failures": [{"line": each.line, "expected": each.expected, "got": each.got} for each in outcome.failures],
        "path": list(outcome.paths),
    }
