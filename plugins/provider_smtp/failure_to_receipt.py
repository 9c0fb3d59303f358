"""From what a server said to the receipt of a message, by the table `errors.toml`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from conductor_dsl.api import ErrorTable, Receipt, read_error_table
from conductor_plugins.provider_smtp.wire import Failure, Stage


@cache
def table() -> ErrorTable:
    """What the codes mean."""
    file = files("conductor_plugins.provider_smtp").joinpath("errors.toml")
    return read_error_table(file.read_text(encoding="utf-8"))


def broken() -> Receipt:
    """What those are told who were not tried, for the server keeps breaking off."""
    return table().receipt("", "broken")


def failure_to_receipt(key: str, failure: Failure) -> Receipt:
    """The receipt of a message that got this answer; the server's own words stand behind what they mean."""
    codes = _codes(failure)
    code = next((each for each in codes if table().meaning(each) is not table().unknown), codes[-1])
    means = table().meaning(code).means
    link = "; the server says: " if failure.code.isdigit() else ": "
    return table().receipt(key, code, f"{means}{link}{failure.words}" if failure.words else means)


def _codes(failure: Failure) -> list[str]:
    """From the most telling to the least: a code says more with its stage, an enhanced one more than a basic."""
    codes = [failure.enhanced, failure.code] if failure.enhanced else [failure.code]
    staged = [code for each in codes for code in (f"{failure.stage} {each}", each)]
    is_relay = failure.stage is Stage.RCPT and "relay" in failure.words.lower() and failure.code >= "5"
    return ["rcpt relay", *staged] if is_relay else staged
