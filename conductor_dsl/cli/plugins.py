"""`conductor plugins`: what is installed, what it gives, and whether it can be used."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from conductor_dsl.cli.screen import screen_look
from conductor_dsl.language.report.look import Look, printable
from conductor_dsl.language.signatures import Effect
from conductor_dsl.plugin.ask_plugins import Plugin, ask_plugins
from conductor_dsl.plugin.channels import ProviderType
from conductor_dsl.plugin.collisions import Collision, find_collisions
from conductor_dsl.plugin.contracts import StepType

OK, BROKEN = "ok", "broken"


@click.command("plugins")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def command(*, as_json: bool) -> None:
    """Show every plugin with its version, what it gives, and its health.

    The exit code is 1 where a plugin cannot be used, or two plugins give the same thing.
    """
    plugins = ask_plugins()
    collisions = tuple(find_collisions(plugins))
    look = screen_look()
    told = _json(plugins, collisions) if as_json else "".join(_lines(plugins, collisions, look))
    click.echo(told, nl=False, color=look.colour)
    sys.exit(1 if collisions or any(plugin.problem for plugin in plugins) else 0)


def _problems(plugin: Plugin, collisions: Sequence[Collision]) -> list[str]:
    """Why a plugin cannot be used; empty for one that can."""
    clashes = [str(each) for each in collisions if plugin in (each.first, each.second)]
    return [plugin.problem, *clashes] if plugin.problem else clashes


def _gave(plugin: Plugin) -> Mapping[str, list[str]]:
    """The names of what a plugin gives, by kind."""
    by_kind: dict[str, list[str]] = {}
    for gift in plugin.gifts:
        by_kind.setdefault(f"{gift.kind}s", []).append(gift.name)
    return by_kind


def _outside(plugin: Plugin) -> list[str]:
    """The names of what reaches somebody outside, and so stays away from rehearsals."""
    return [gift.name for gift in plugin.gifts if _reaches_outside(gift.item)]


def _reaches_outside(item: object) -> bool:
    if isinstance(item, ProviderType):
        return item.live
    return isinstance(item, StepType) and item.signature.effect is Effect.SENDS


def _lines(plugins: Sequence[Plugin], collisions: Sequence[Collision], look: Look) -> Iterator[str]:
    wide = max((len(plugin.name) for plugin in plugins), default=0)
    homes = max((len(plugin.home) for plugin in plugins), default=0)
    for plugin in plugins:
        problems = _problems(plugin, collisions)
        health = BROKEN if problems else OK
        yield f"{look.bold(printable(plugin.name.ljust(wide)))}  {printable(plugin.home.ljust(homes))}  {health}\n"
        yield from (f"  {printable(problem)}\n" for problem in problems)
        yield from (f"  {kind}: {printable(', '.join(names))}\n" for kind, names in _gave(plugin).items())
        if outside := _outside(plugin):
            yield f"  reaches others by: {printable(', '.join(outside))}\n"


def _json(plugins: Sequence[Plugin], collisions: Sequence[Collision]) -> str:
    return json.dumps([_plugin_as_json(plugin, collisions) for plugin in plugins], indent=2, ensure_ascii=False) + "\n"


def _plugin_as_json(plugin: Plugin, collisions: Sequence[Collision]) -> dict[str, Any]:
    problems = _problems(plugin, collisions)
    return {
        "name": plugin.name,
        "distribution": plugin.distribution.name if plugin.distribution else None,
        "version": plugin.distribution.version if plugin.distribution else None,
        "health": BROKEN if problems else OK,
        "problems": problems,
        "gives": _gave(plugin),
        "reaches_others_by": _outside(plugin),
    }
