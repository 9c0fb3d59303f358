"""CDX506: a time zone that does not exist, or that knows no daylight saving where people live."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from conductor_dsl.language.bound import BoundConversation, BoundFile, FieldName, Formula, Scalar
from conductor_dsl.language.diagnostics import Diagnostic, error, warning
from conductor_dsl.language.expressions import Constant, ValueType
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import nearest

FIXED = ("Etc/GMT", "EST", "MST", "HST")


def check_unknown_zone(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every zone that a conversation names."""
    for conversation in file.conversations:
        for name, span in _zones(conversation):
            finding = _examine(name, span)
            if finding:
                yield finding


def _zones(conversation: BoundConversation) -> Iterator[tuple[str, Span]]:
    for setting in conversation.written:
        for name in ("zone", "only"):
            value = setting.phrase.get(name)
            if setting.name == "timezone" and isinstance(value, Scalar):
                yield str(value.value), value.span
    for step in conversation.steps():
        match step.phrase.get("field"), step.phrase.get("value"):
            case FieldName(type=ValueType.ZONE), Formula(Constant(ValueType.TEXT, str(name)), span):
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
