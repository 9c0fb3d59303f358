"""Error tables: which meaning a code has, and what is wrong with a broken table."""

from __future__ import annotations

import pytest

from conductor_dsl.plugin.channels import Mark, Receipt, Verdict
from conductor_dsl.plugin.error_table import ErrorTable, read_error_table
from conductor_dsl.shared.errors import PluginError

TEXT = """
as_of = 2026-11-25
source = "https://provider.example/errors"
[[error]]
codes = ["5.1.1", "21211"]
verdict = "rejected"
mark = "invalid"
means = "there is no such address"
[[error]]
codes = ["5.1.*"]
verdict = "rejected"
means = "the address is refused"
[[error]]
codes = ["5.*", "4.7.0"]
verdict = "transient"
retry_after = "15m"
means = "too many at once"
[unknown]
verdict = "transient"
means = "a code that is not known"
"""


@pytest.fixture(scope="module")
def table() -> ErrorTable:
    return read_error_table(TEXT)


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("5.1.1", "there is no such address"),
        ("5.1.10", "the address is refused"),
        ("5.7.1", "too many at once"),
        ("21211", "there is no such address"),
        ("212110", "a code that is not known"),
        ("", "a code that is not known"),
    ],
)
def test_a_code_has_its_own_meaning_or_that_of_its_longest_beginning(table: ErrorTable, code: str, means: str) -> None:
    assert table.meaning(code).means == means


def test_a_receipt_has_the_words_of_the_provider_where_there_are_some(table: ErrorTable) -> None:
    assert table.receipt("k", "21211", "No such number", "SM1") == Receipt(
        "k", Verdict.REJECTED, "SM1", "21211", "No such number", Mark.INVALID
    )
    assert table.receipt("k", "4.7.0") == Receipt(
        "k", Verdict.TRANSIENT, "", "4.7.0", "too many at once", retry_after=15 * 60_000
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('verdict = "rejected"', 'verdict = "maybe"'),
        ("as_of = 2026-11-25\n", ""),
        ("as_of = 2026-11-25", 'as_of = "lately"'),
        ("[unknown]", "[other]"),
        ('mark = "invalid"', 'mark = "cursed"'),
        ('retry_after = "15m"', 'retry_after = "soon"'),
        ("[[error]]", "[error"),
    ],
)
def test_a_broken_table_is_refused(before: str, after: str) -> None:
    with pytest.raises(PluginError, match="table of error codes"):
        read_error_table(TEXT.replace(before, after))
