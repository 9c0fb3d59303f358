"""Options and a TOML file become the plan of what goes wrong.

seed = 7
faults = { lost = 0.02, "500" = 0.01, "21211" = 0.005 }      # shares of the requests
receipts = { late = 0.1, never = 0.05, "30005" = 0.01 }      # shares of the messages
retry_after = 1
hang = 60
slow = 1
receipt_after = 0.5
late = 60
shown_after = 0
keys_for = 86400

[[rule]]
to = "+1717555010*"
text = "*"
first = 1
fault = "lost"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conductor_dsl.shared.errors import ConfigError
from conductor_dsl.shared.nearest import did_you_mean
from conductor_dsl.sim.plan import Fault, Manner, Plan, Rule

_LENGTHS = ("retry_after", "hang", "slow", "receipt_after", "late", "shown_after", "keys_for")
_NAMES = ("seed", "faults", "receipts", *_LENGTHS, "rule")
_SMALLEST_STATUS, _LARGEST_CODE = 400, 99_999


def read_plan(path: Path) -> Plan:
    """The plan in a file; raises ConfigError where there is none."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigError(f"cannot read `{path}`: {(problem.strerror or str(problem)).lower()}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"`{path}` is not TOML: {problem}") from None
    return table_to_plan(table)


def table_to_plan(table: Mapping[str, Any]) -> Plan:
    """The plan in a table as above; raises ConfigError for what it cannot hold."""
    for name in table:
        if name not in _NAMES:
            hint = did_you_mean(name, _NAMES) or "it may hold " + ", ".join(f"`{each}`" for each in _NAMES)
            raise ConfigError(f"a plan of faults has no `{name}`", hint=hint)
    seed = table.get("seed", 0)
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ConfigError("`seed` of a plan of faults is not a whole number")
    usual = Plan()
    lengths = {name: _seconds(name, table.get(name, getattr(usual, name))) for name in _LENGTHS}
    return Plan(
        seed=seed,
        faults=_shares(table.get("faults", {}), Fault, "faults"),
        receipts=_shares(table.get("receipts", {}), Manner, "receipts"),
        rules=tuple(_rule(each) for each in table.get("rule", [])),
        retry_after=int(lengths.pop("retry_after")),
        **lengths,
    )


def with_shares(plan: Plan, faults: Iterable[str], receipts: Iterable[str]) -> Plan:
    """The plan with what options such as `lost=0.02` add to it."""
    more, manners = _pairs(faults), _pairs(receipts)
    return replace(
        plan,
        faults=_shares({**plan.faults, **more}, Fault, "faults"),
        receipts=_shares({**plan.receipts, **manners}, Manner, "receipts"),
    )


def _pairs(options: Iterable[str]) -> dict[str, float]:
    found = {}
    for option in options:
        name, _, share = option.partition("=")
        try:
            found[name.strip()] = float(share)
        except ValueError:
            raise ConfigError(f"`{option}` is not a name and a share", hint="write it as `lost=0.02`") from None
    return found


def _shares(given: Any, names: Iterable[str], what: str) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise ConfigError(f"`{what}` of a plan of faults is not a table of shares")
    for name, share in given.items():
        _check_name(name, names)
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ConfigError(f"the share of `{name}` is not between 0 and 1")
    if sum(given.values()) > 1 + 1e-9:
        raise ConfigError(f"the shares of `{what}` are more than 1 together")
    return {name: float(share) for name, share in given.items()}


def _check_name(name: Any, names: Iterable[str]) -> None:
    known = [str(each) for each in names]
    if name in known or (
        isinstance(name, str) and name.isascii() and name.isdigit() and _SMALLEST_STATUS <= int(name) <= _LARGEST_CODE
    ):
        return
    listed = "it may be " + ", ".join(f"`{each}`" for each in known) + ", a status such as `500` or a code of Twilio's"
    raise ConfigError(f"nothing that goes wrong is called `{name}`", hint=did_you_mean(str(name), known) or listed)


def _rule(given: Any) -> Rule:
    if not isinstance(given, Mapping) or "fault" not in given or set(given) - {"fault", "to", "text", "first"}:
        raise ConfigError("a rule of a plan of faults has `fault`, and may have `to`, `text` and `first`")
    to, text, first = given.get("to", "*"), given.get("text", "*"), given.get("first", 0)
    if not (isinstance(to, str) and isinstance(text, str) and isinstance(first, int) and first >= 0):
        raise ConfigError("a rule of a plan of faults has a text or a number that it cannot use")
    fault = str(given["fault"])
    if fault:
        _check_name(fault, Fault)
    return Rule(fault, to, text, first)


def _seconds(name: str, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ConfigError(f"`{name}` of a plan of faults is not a number of seconds")
    return value
