"""What a plugin may offer: one hook for each kind of thing. `plugins/README.md` is the manual."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from conductor_dsl.language.script_check import ScriptCheck
from conductor_dsl.language.template_filter import TemplateFilter
from conductor_dsl.plugin.channels import ProviderType
from conductor_dsl.plugin.contracts import Exporter, Predicate, StepType, Trigger

PROJECT = "conductor"
"""The name of the entry point group, and of pluggy's project."""
CONTRACT = 1
"""The number of the contract with plugins: the hooks, and the nouns of `conductor_dsl.api`. It grows when a plugin that
worked would work no more. A plugin may say which one it is made for, `CONTRACT = 1`; without that it is the first.
"""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def conductor_steps() -> Iterable[StepType]:
    """Steps: how each is written, and what it means."""
    return ()


@hookspec
def conductor_predicates() -> Iterable[Predicate]:
    """Conditions and measures, each for SQL and for plain Python."""
    return ()


@hookspec
def conductor_triggers() -> Iterable[Trigger]:
    """What lets contacts into a thread."""
    return ()


@hookspec
def conductor_providers() -> Iterable[ProviderType]:
    """Kinds of providers, which carry messages away."""
    return ()


@hookspec
def conductor_filters() -> Iterable[TemplateFilter]:
    """Filters for the templates of messages."""
    return ()


@hookspec
def conductor_checks() -> Iterable[ScriptCheck]:
    """Checks of scripts, each with a code of the plugin's own."""
    return ()


@hookspec
def conductor_exporters() -> Iterable[Exporter]:
    """Forms in which history and messages leave for other programs."""
    return ()
