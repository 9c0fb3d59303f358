"""The lines that a test may have: what is given, what the clock shows, what happens, and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from conductor_dsl.language.signatures import StatementSignature
from conductor_dsl.language.statements_expect import EXPECTED
from conductor_dsl.language.statements_given import GIVEN
from conductor_dsl.language.statements_when import AT, HAPPENS

STATEMENTS: Mapping[str, tuple[StatementSignature, ...]] = MappingProxyType(
    {"given": GIVEN, "at": AT, "when": HAPPENS, "expect": EXPECTED}
)
"""Every line of a test, by the word it begins with."""
