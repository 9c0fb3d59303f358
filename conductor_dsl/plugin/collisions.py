"""Two plugins that want to give the same thing: neither is right, so nothing runs until one of them is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conductor_dsl.language.script_check import prefix_of
from conductor_dsl.plugin.ask_plugins import Plugin
from conductor_dsl.shared.errors import PluginError


@dataclass(frozen=True, slots=True)
class Collision:
    """What two plugins both claim."""

    what: str
    first: Plugin
    second: Plugin

    def __str__(self) -> str:
        if self.first is self.second:
            return f"{self.what} comes twice from the plugin {self.first.title}"
        return f"{self.what} comes from two plugins, {self.first.title} and {self.second.title}"

    def error(self) -> PluginError:
        """The collision as an error."""
        return PluginError(str(self), hint="uninstall one of them")


def find_collisions(plugins: Iterable[Plugin]) -> Iterator[Collision]:
    """Every thing that comes twice, in the order of the plugins."""
    owners: dict[str, Plugin] = {}
    for plugin in plugins:
        for what in _claims(plugin):
            if what in owners:
                yield Collision(what, owners[what], plugin)
            owners.setdefault(what, plugin)


def _claims(plugin: Plugin) -> Iterator[str]:
    yield f"the name `{plugin.name}`"
    yield from (f"the {gift.kind} `{gift.name}`" for gift in plugin.gifts)
    prefixes = dict.fromkeys(prefix_of(gift.name) for gift in plugin.gifts if gift.kind == "check")
    yield from (f"the prefix `{prefix}` of checks" for prefix in prefixes)
