"""CDX114: a `goto` that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile, BoundThread, Reference
from conductor_dsl.language.bound_to_flow import TARGETS
from conductor_dsl.language.checks.walk import named_values, threaded_steps
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.step_names import find_step, named_steps
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean


def check_unknown_target(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every reference of a step to a step or a thread that the conversation does not have."""
    for conversation in file.conversations:
        for thread, step in threaded_steps(conversation):
            for _name, value in named_values(step.phrase):
                if not isinstance(value, Reference) or value.kind not in TARGETS:
                    continue
                if not find_step(value, thread, conversation):
                    yield _finding(value, thread, conversation)


def _finding(target: Reference, thread: BoundThread, conversation: BoundConversation) -> Diagnostic:
    known = [other.name for other in conversation.threads if other.chain]
    if target.kind == "step":
        places = [thread, *(other for other in conversation.threads if other is not thread)]
        known = [name for place in places for name in named_steps(place)]
    hint = did_you_mean(target.name, known) or f"there are: {', '.join(f'`{name}`' for name in dict.fromkeys(known))}"
    return error("CDX114", target.span, f"there is no {target.kind} `{target.name}` in this conversation", hint)
