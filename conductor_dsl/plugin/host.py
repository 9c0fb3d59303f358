"""Plugins found, asked and put together; one that is broken is named, and the rest goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

import pluggy

from conductor_dsl.language.vocabulary import Vocabulary
from conductor_dsl.plugin import hookspecs
from conductor_dsl.plugin.channels import ProviderType
from conductor_dsl.plugin.contracts import Predicate, StepType, Trigger
from conductor_dsl.shared.errors import PluginError


@dataclass(frozen=True, slots=True)
class Problem:
    """A plugin that could not be used, and why."""

    plugin: str
    message: str


@dataclass(frozen=True, slots=True)
class Host:
    """Everything that plugins gave, by name.

    `origins` says which plugin gave what, by kind and name: `("step", "sms")`.
    """

    steps: Mapping[str, StepType]
    predicates: Mapping[str, Predicate]
    triggers: Mapping[str, Trigger]
    providers: Mapping[str, ProviderType]
    vocabulary: Vocabulary
    origins: Mapping[tuple[str, str], str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Gift:
    """Something a plugin gave."""

    kind: str
    name: str
    item: Any
    plugin: str


_HOOKS: Mapping[str, tuple[str, type]] = MappingProxyType(
    {
        "conductor_steps": ("step", StepType),
        "conductor_predicates": ("predicate", Predicate),
        "conductor_triggers": ("trigger", Trigger),
        "conductor_providers": ("provider", ProviderType),
    }
)


def build_host(plugins: Iterable[tuple[str, object]] | None = None) -> Host:
    """Ask plugins, given as pairs of name and module, for what they have; None asks the installed ones.

    Raises PluginError where two plugins give a thing of the same kind and name.
    """
    problems: list[Problem] = []
    found = _installed(problems) if plugins is None else plugins
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    gifts: dict[tuple[str, str], _Gift] = {}
    for name, plugin in found:
        for gift in _ask(manager, name, plugin, problems):
            _refuse_collision(gifts.get((gift.kind, gift.name)), gift)
            gifts[gift.kind, gift.name] = gift
    return _assemble(gifts, tuple(problems))


def _installed(problems: list[Problem]) -> Iterator[tuple[str, object]]:
    """The plugins whose distributions are installed, by the names of their entry points."""
    for entry_point in sorted(entry_points(group=hookspecs.PROJECT), key=lambda point: (point.name, point.value)):
        try:
            yield entry_point.name, entry_point.load()
        except Exception as failure:  # noqa: BLE001  # importing a plugin may raise anything
            problems.append(Problem(entry_point.name, _explain(failure)))


def _ask(manager: pluggy.PluginManager, name: str, plugin: object, problems: list[Problem]) -> list[_Gift]:
    """All that one plugin gives, or nothing, with its problem noted."""
    try:
        manager.register(plugin, name)
        manager.check_pending()
        return list(_gifts(manager, name, plugin))
    except Exception as failure:  # noqa: BLE001  # a plugin's code may raise anything
        manager.set_blocked(name)
        problems.append(Problem(name, _explain(failure)))
        return []


def _gifts(manager: pluggy.PluginManager, name: str, plugin: object) -> Iterator[_Gift]:
    for caller in manager.get_hookcallers(plugin) or ():
        kind, type_ = _HOOKS[caller.name]
        for implementation in caller.get_hookimpls():
            if implementation.plugin is not plugin:
                continue
            offered: Iterable[Any] = implementation.function()  # type: ignore[assignment]  # pluggy types it as object
            for item in offered:
                if not isinstance(item, type_):
                    raise PluginError(f"{caller.name} gave a {type(item).__name__}, not a {type_.__name__}")
                yield _Gift(kind, _name_of(item), item, name)


def _name_of(item: Any) -> str:
    name: str = item.name if isinstance(item, ProviderType) else item.signature.name
    return name


def _refuse_collision(known: _Gift | None, gift: _Gift) -> None:
    if known:
        message = f"the {gift.kind} `{gift.name}` comes from two plugins, `{known.plugin}` and `{gift.plugin}`"
        raise PluginError(message, hint="uninstall one of them")


def _assemble(gifts: Mapping[tuple[str, str], _Gift], problems: tuple[Problem, ...]) -> Host:
    by_kind: dict[str, dict[str, Any]] = {kind: {} for kind, _ in _HOOKS.values()}
    for (kind, name), gift in gifts.items():
        by_kind[kind][name] = gift.item
    signatures = {
        kind: MappingProxyType({name: item.signature for name, item in by_kind[kind].items()})
        for kind in ("step", "predicate", "trigger")
    }
    return Host(
        steps=MappingProxyType(by_kind["step"]),
        predicates=MappingProxyType(by_kind["predicate"]),
        triggers=MappingProxyType(by_kind["trigger"]),
        providers=MappingProxyType(by_kind["provider"]),
        vocabulary=Vocabulary(signatures["step"], signatures["predicate"], signatures["trigger"]),
        origins=MappingProxyType({key: gift.plugin for key, gift in gifts.items()}),
        problems=problems,
    )


def _explain(failure: Exception) -> str:
    text = str(failure).partition("\n")[0]
    return text if isinstance(failure, PluginError) else f"{type(failure).__name__}: {text}"
