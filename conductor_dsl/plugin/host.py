"""Plugins put together: everything they give, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conductor_dsl.language.statements_expect import CHANNELS
from conductor_dsl.language.vocabulary import Vocabulary
from conductor_dsl.plugin.ask_plugins import HOOKS, Plugin, ask_plugins
from conductor_dsl.plugin.channels import ANY_CHANNEL, ProviderType
from conductor_dsl.plugin.collisions import find_collisions
from conductor_dsl.plugin.contracts import Exporter, Predicate, StepType, Trigger


@dataclass(frozen=True, slots=True)
class Problem:
    """A plugin that could not be used, and why."""

    plugin: str
    message: str


@dataclass(frozen=True, slots=True)
class Host:
    """Everything that plugins gave, by name; filters and checks are in the vocabulary.

    `origins` says which plugin gave what, by kind and name: `("step", "sms")`.
    """

    steps: Mapping[str, StepType]
    predicates: Mapping[str, Predicate]
    triggers: Mapping[str, Trigger]
    providers: Mapping[str, ProviderType]
    exporters: Mapping[str, Exporter]
    vocabulary: Vocabulary
    origins: Mapping[tuple[str, str], str]
    problems: tuple[Problem, ...] = ()


def build_host(plugins: Iterable[tuple[str, object]] | None = None) -> Host:
    """Ask plugins, given as pairs of name and module, for what they have; None asks the installed ones.

    Raises PluginError where two plugins give a thing of the same kind and name.
    """
    asked = ask_plugins(plugins)
    for collision in find_collisions(asked):
        raise collision.error()
    return _assemble(asked)


def _assemble(plugins: Iterable[Plugin]) -> Host:
    by_kind: dict[str, dict[str, Any]] = {kind: {} for kind, _ in HOOKS.values()}
    origins: dict[tuple[str, str], str] = {}
    for plugin in plugins:
        for gift in plugin.gifts:
            by_kind[gift.kind][gift.name] = gift.item
            origins[gift.kind, gift.name] = plugin.name
    return Host(
        steps=MappingProxyType(by_kind["step"]),
        predicates=MappingProxyType(by_kind["predicate"]),
        triggers=MappingProxyType(by_kind["trigger"]),
        providers=MappingProxyType(by_kind["provider"]),
        exporters=MappingProxyType(by_kind["exporter"]),
        vocabulary=_vocabulary(by_kind),
        origins=MappingProxyType(origins),
        problems=tuple(Problem(plugin.name, plugin.problem) for plugin in plugins if plugin.problem),
    )


def _vocabulary(by_kind: Mapping[str, Mapping[str, Any]]) -> Vocabulary:
    steps, predicates, triggers = (
        MappingProxyType({name: item.signature for name, item in by_kind[kind].items()})
        for kind in ("step", "predicate", "trigger")
    )
    filters, checks = tuple(by_kind["filter"].values()), tuple(by_kind["check"].values())
    return Vocabulary(steps, predicates, triggers, filters, checks, _channels(by_kind["provider"].values()))


def _channels(providers: Iterable[ProviderType]) -> tuple[str, ...]:
    """The channels that plugins add, by name."""
    known = {channel for provider in providers for channel in provider.channels}
    return tuple(sorted(known - {*CHANNELS, ANY_CHANNEL}))
