"""The host of a rehearsal: nothing that it holds can reach anybody outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from conductor_dsl.language.signatures import Effect
from conductor_dsl.plugin.contracts import Arguments, StepType
from conductor_dsl.plugin.host import Host


def rehearsed(host: Host) -> Host:
    """The same words, with no live provider, and without the functions of steps that do more than read.

    What such a step does to the run still happens, for that is the engine's.
    """
    providers = {name: provider for name, provider in host.providers.items() if not provider.live}
    steps = {name: _rehearsed(step) for name, step in host.steps.items()}
    return replace(host, steps=MappingProxyType(steps), providers=MappingProxyType(providers))


def _rehearsed(step: StepType) -> StepType:
    if step.function is None or step.signature.effect is Effect.READS:
        return step
    return replace(step, function=_nothing)


def _nothing(_rows: Sequence[Mapping[str, Any]], _arguments: Arguments) -> None:
    """What a function that sends does in a rehearsal."""
