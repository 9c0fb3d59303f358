"""CDX114: a `goto` that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Reference
from conductor_dsl.language.bound_to_flow import TARGETS
from conductor_dsl.language.checks.walk import named_values, threaded_steps
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.step_names import Targets
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean

MOST_NAMES = 10


def check_unknown_target(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every reference of a step to a step or a thread that the conversation does not have."""
    for conversation in file.conversations:
        targets = Targets(conversation)
        for thread, step in threaded_steps(conversation):
            for _name, value in named_values(step.phrase):
                if not isinstance(value, Reference) or value.kind not in TARGETS:
                    continue
                if not targets.find(value, thread):
                    yield _finding(value, targets.names(value.kind, thread))


def _finding(target: Reference, known: tuple[str, ...]) -> Diagnostic:
    listed = ", ".join(f"`{name}`" for name in known[:MOST_NAMES])
    hint = did_you_mean(target.name, known) or f"there are: {listed}"
    return error("CDX114", target.span, f"there is no {target.kind} `{target.name}` in this conversation", hint)
