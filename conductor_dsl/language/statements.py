"""The lines that a test may have: what is given, what the clock shows, what happens, and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from conductor_dsl.language.signatures import StatementSignature, with_channels
from conductor_dsl.language.statements_expect import EXPECTED
from conductor_dsl.language.statements_given import GIVEN
from conductor_dsl.language.statements_when import AT, HAPPENS

STATEMENTS: Mapping[str, tuple[StatementSignature, ...]] = MappingProxyType(
    {"given": GIVEN, "at": AT, "when": HAPPENS, "expect": EXPECTED}
)
"""Every line of a test, by the word it begins with."""


@cache
def statements(channels: tuple[str, ...] = ()) -> Mapping[str, tuple[StatementSignature, ...]]:
    """Every line of a test, with the channels of plugins among the words that name one."""
    return MappingProxyType(
        {word: tuple(with_channels(each, channels) for each in lines) for word, lines in STATEMENTS.items()}
    )
