"""Every plugin asked for what it gives; one that is broken says why, and the others are not troubled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import Distribution, EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

import pluggy

from conductor_dsl.language.script_check import ScriptCheck
from conductor_dsl.language.template_filter import TemplateFilter
from conductor_dsl.plugin import hookspecs
from conductor_dsl.plugin.channels import ProviderType
from conductor_dsl.plugin.check_gift import check_gift
from conductor_dsl.plugin.contracts import Exporter, Predicate, StepType, Trigger
from conductor_dsl.shared.errors import PluginError

HOOKS: Mapping[str, tuple[str, type]] = MappingProxyType(
    {
        "conductor_steps": ("step", StepType),
        "conductor_predicates": ("predicate", Predicate),
        "conductor_triggers": ("trigger", Trigger),
        "conductor_providers": ("provider", ProviderType),
        "conductor_filters": ("filter", TemplateFilter),
        "conductor_checks": ("check", ScriptCheck),
        "conductor_exporters": ("exporter", Exporter),
    }
)
"""By hook: what each thing is called that it gives, and its type."""


@dataclass(frozen=True, slots=True)
class Gift:
    """Something a plugin gives: `("step", "sms")`."""

    kind: str
    name: str
    item: Any


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin as it was found: what it gives, or why it gives nothing.

    `distribution` is what it was installed with; None for one that was handed over.
    """

    name: str
    distribution: Distribution | None = field(compare=False)
    gifts: tuple[Gift, ...] = ()
    problem: str = ""

    @property
    def home(self) -> str:
        """The distribution and its version: `shop-loyalty 1.2`; empty for one that was handed over."""
        return f"{self.distribution.name} {self.distribution.version}" if self.distribution else ""

    @property
    def title(self) -> str:
        """The plugin for a message."""
        return f"`{self.name}` of {self.home}" if self.home else f"`{self.name}`"


Found = tuple[str, object, Distribution | None]
"""A plugin's name, its module (or why that cannot be imported, as an exception), and its distribution."""


def ask_plugins(plugins: Iterable[tuple[str, object]] | None = None) -> tuple[Plugin, ...]:
    """Ask plugins, given as pairs of name and module; None asks the installed ones, by name."""
    found = _installed() if plugins is None else ((name, module, None) for name, module in plugins)
    return tuple(_ask(*each) for each in found)


def _installed() -> Iterator[Found]:
    for point in sorted(entry_points(group=hookspecs.PROJECT), key=lambda point: (point.name, point.value)):
        yield point.name, _load(point), point.dist


def _load(point: EntryPoint) -> object:
    try:
        return point.load()
    except (Exception, SystemExit) as failure:  # noqa: BLE001  # importing a plugin may raise anything
        return failure


def _ask(name: str, module: object, distribution: Distribution | None) -> Plugin:
    try:
        if isinstance(module, BaseException):
            raise module
        _refuse_other_contract(module)
        return Plugin(name, distribution, tuple(_gifts(module)))
    except (Exception, SystemExit) as failure:  # noqa: BLE001  # a plugin's code may raise anything
        return Plugin(name, distribution, problem=_explain(failure))


def _refuse_other_contract(module: object) -> None:
    wanted = getattr(module, "CONTRACT", 1)
    if wanted != hookspecs.CONTRACT:
        what = f"it is made for contract {wanted} between Conductor and plugins, and here is {hookspecs.CONTRACT}"
        raise PluginError(f"{what}: install the version of it, or of Conductor, that fits")


def _gifts(module: object) -> Iterator[Gift]:
    """All that one plugin gives; a manager of its own, so that no plugin can stand in another's way."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(module)
    manager.check_pending()
    order = list(HOOKS)
    for caller in sorted(manager.get_hookcallers(module) or (), key=lambda each: order.index(each.name)):
        kind, type_ = HOOKS[caller.name]
        for implementation in caller.get_hookimpls():
            for item in _offered(caller.name, implementation.function()):
                if not isinstance(item, type_):
                    raise PluginError(f"{caller.name} gave a {type(item).__name__}, not a {type_.__name__}")
                check_gift(item)
                yield Gift(kind, name_of(item), item)


def _offered(hook: str, offered: object) -> Iterable[object]:
    if not isinstance(offered, Iterable):
        raise PluginError(f"{hook} gave a {type(offered).__name__}, not a list")
    return offered


def name_of(item: Any) -> str:
    """The name by which a thing is known among those of its kind."""
    if isinstance(item, ScriptCheck):
        return item.code
    name: str = item.name if isinstance(item, ProviderType | TemplateFilter | Exporter) else item.signature.name
    return name


def _explain(failure: BaseException) -> str:
    text = str(failure).partition("\n")[0]
    return text if isinstance(failure, PluginError) else f"{type(failure).__name__}: {text}"
