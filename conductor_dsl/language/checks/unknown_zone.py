"""CDX506: a time zone that does not exist, or that knows no daylight saving where people live."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from conductor_dsl.language.bound import Assignments, BoundConversation, BoundFile, FieldName, Formula, Scalar
from conductor_dsl.language.bound_tests import BoundTest
from conductor_dsl.language.diagnostics import Diagnostic, error, warning
from conductor_dsl.language.expressions import Constant, ValueType
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import nearest

FIXED = ("Etc/GMT", "EST", "MST", "HST")


def check_unknown_zone(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every zone that a conversation or a test names."""
    for conversation in file.conversations:
        for name, span in _zones(conversation):
            finding = _examine(name, span)
            if finding:
                yield finding
    for test in file.tests:
        for name, span in _zones_of_test(test):
            # A test may well be about somebody whose clock never changes.
            if not _exists(name):
                yield error("CDX506", span, f"there is no time zone `{name}`", _hint(name))


def _zones(conversation: BoundConversation) -> Iterator[tuple[str, Span]]:
    for setting in conversation.written:
        for name in ("zone", "only"):
            value = setting.phrase.get(name)
            if setting.name == "timezone" and isinstance(value, Scalar):
                yield str(value.value), value.span
    for step in conversation.steps():
        for _, value in step.phrase.values():
            for written in value.items if isinstance(value, Assignments) else ():
                match written:
                    case FieldName(type=ValueType.ZONE), Formula(Constant(ValueType.TEXT, str(name)), span):
                        yield name, span


def _zones_of_test(test: BoundTest) -> Iterator[tuple[str, Span]]:
    for statement in test.statements:
        match statement.phrase.get("zone"), statement.phrase.get("field"), statement.phrase.get("value"):
            case Scalar(_, str(name), span), _, _:
                yield name, span
            case _, FieldName(type=ValueType.ZONE), Formula(Constant(ValueType.TEXT, str(name)), span):
                yield name, span
        for field, formula in statement.fields if statement.name == "contact" else ():
            match formula:
                case Formula(Constant(ValueType.TEXT, str(name)), span) if field == "zone":
                    yield name, span


def _examine(name: str, span: Span) -> Diagnostic | None:
    if not _exists(name):
        return error("CDX506", span, f"there is no time zone `{name}`", _hint(name))
    if name.startswith(FIXED) and name not in ("Etc/GMT", "Etc/GMT0"):
        hint = "name a place, such as `America/New_York`"
        return warning("CDX506", span, f"the clocks of `{name}` never change for daylight saving", hint)
    return None


def _exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def _hint(name: str) -> str:
    zones = available_timezones()
    last = {zone.rpartition("/")[2]: zone for zone in zones}
    near = nearest(name, zones) or last.get(nearest(name.replace(" ", "_"), last) or "")
    return f"did you mean `{near}`?" if near else "zones are named by continent and city: `America/New_York`"
