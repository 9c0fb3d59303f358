"""What a plugin may offer: one hook for each kind of thing. `plugins/README.md` is the manual."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from conductor_dsl.plugin.channels import ProviderType
from conductor_dsl.plugin.contracts import Predicate, StepType, Trigger

PROJECT = "conductor"
"""The name of the entry point group, and of pluggy's project."""

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
