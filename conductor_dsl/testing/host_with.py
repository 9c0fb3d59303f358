"""A plugin that is being written, among those that are installed."""

from __future__ import annotations

from importlib.metadata import entry_points

from conductor_dsl.plugin.ask_plugins import ask_plugins
from conductor_dsl.plugin.hookspecs import PROJECT
from conductor_dsl.plugin.host import Host, build_host

NAME = "the plugin"


def host_with(plugin: object) -> Host:
    """The installed plugins with this one, which may be one of them; a broken one fails the test."""
    (asked,) = ask_plugins([(NAME, plugin)])
    assert not asked.problem, asked.problem
    found = [(point.name, point.load()) for point in entry_points(group=PROJECT)]
    host = build_host([*((name, module) for name, module in found if module is not plugin), (NAME, plugin)])
    assert host.problems == (), host.problems
    return host
