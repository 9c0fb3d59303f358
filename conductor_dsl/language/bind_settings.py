"""From the head of a conversation to its settings, every default filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from conductor_dsl.language.ast import Setting
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bind_steps import bind_all
from conductor_dsl.language.bound import BoundSetting, phrase_to_json
from conductor_dsl.language.flow import Settings
from conductor_dsl.language.settings import settings as known_settings
from conductor_dsl.shared.nearest import did_you_mean


def bind_settings(settings: Iterable[Setting], scope: Scope) -> tuple[BoundSetting, ...]:
    """The lines that could be bound; unknown names and lines that stand twice are findings."""
    bound: list[BoundSetting] = []
    known = known_settings(scope.vocabulary.channels)
    for setting in settings:
        name = setting.name.text
        signature = known.get(name)
        if signature is None:
            hint = did_you_mean(name, known) or "settings: " + ", ".join(f"`{each}`" for each in known)
            scope.error("CDX005", setting.name.span, f"there is no setting `{name}`", hint)
            continue
        if not signature.repeats and any(other.name == name for other in bound):
            scope.error("CDX007", setting.name.span, f"`{name}` stands twice", "leave one of them out")
        cursor = Cursor(setting.elements, setting.name.span)
        phrase = bind_all(signature, setting.name, cursor, scope)
        if not phrase.broken:
            bound.append(BoundSetting(name, phrase, setting.span))
    return tuple(bound)


def fill_settings(written: Iterable[BoundSetting], zone: str) -> Settings:
    """The settings of a conversation; `zone` is the project's."""
    settings = Settings(zone=zone)
    for setting in written:
        values = phrase_to_json(setting.phrase)
        settings = replace(settings, **_CHANGES[setting.name](values, settings))
    return settings


def _timezone(values: Mapping[str, Any], _: Settings) -> dict[str, Any]:
    if "only" in values:
        return {"contact_zone": False, "zone": values["only"]}
    return {"contact_zone": True} | ({"zone": values["zone"]} if "zone" in values else {})


def _reentry(values: Mapping[str, Any], _: Settings) -> dict[str, Any]:
    return {"reentry": values.get("after") or values["mode"]}


def _exit(values: Mapping[str, Any], so_far: Settings) -> dict[str, Any]:
    return {"exits": (*so_far.exits, *values["events"])}


def _cap(values: Mapping[str, Any], so_far: Settings) -> dict[str, Any]:
    return {"caps": (*so_far.caps, (values["channel"], int(values["count"]), values["period"]))}


_CHANGES: Mapping[str, Callable[[Mapping[str, Any], Settings], dict[str, Any]]] = MappingProxyType(
    {
        "campaign": lambda values, _: {"campaign": values["campaign"]},
        "list": lambda values, _: {"list": values["list"]["ref"][1]},
        "class": lambda values, _: {"message_class": values["class"]},
        "timezone": _timezone,
        "window": lambda values, _: {"opens": values["opens"], "closes": values["closes"]},
        "cap": _cap,
        "priority": lambda values, _: {"priority": values["priority"]},
        "reentry": _reentry,
        "exit": _exit,
        "expires": lambda values, _: {"expires": values["date"]},
        "in_flight": lambda values, _: {"in_flight": values["mode"]},
    }
)
