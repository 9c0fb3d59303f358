"""The names of steps: the author's `as "Name"`, or the word with a number from the second on (`sms`, `sms 2`)."""

from __future__ import annotations

from collections.abc import Mapping

from conductor_dsl.language.bound import BoundConversation, BoundStep, BoundThread, Reference, chain_steps


def named_steps(thread: BoundThread) -> Mapping[str, BoundStep]:
    """Every step of a thread by its name, in the order of the text; of two with one label the first counts."""
    steps = list(chain_steps(thread.chain))
    labels = [step.label for step in steps]
    taken = {label.value for label in labels if label}
    named: dict[str, BoundStep] = {}
    counts: dict[str, int] = {}
    for step, label in zip(steps, labels, strict=True):
        name = str(label.value) if label else _free_name(step.name, counts, taken)
        named.setdefault(name, step)
    return named


def _free_name(word: str, counts: dict[str, int], taken: set[str | int | float]) -> str:
    while True:
        counts[word] = counts.get(word, 0) + 1
        name = word if counts[word] == 1 else f"{word} {counts[word]}"
        if name not in taken:
            return name


class Targets:
    """Where references of a conversation lead; the names are collected once."""

    def __init__(self, conversation: BoundConversation) -> None:
        self._threads = {thread.name: thread for thread in reversed(conversation.threads)}
        self._steps = {thread.span: named_steps(thread) for thread in conversation.threads}

    def find(self, reference: Reference, thread: BoundThread) -> BoundStep | None:
        """The step that `step:"..."` or `thread:"..."` leads to, seen from a thread: its own steps come first."""
        if reference.kind == "thread":
            target = self._threads.get(reference.name)
            return target.chain.steps[0] if target and target.chain else None
        places = (self._steps[thread.span], *self._steps.values())
        return next((place[reference.name] for place in places if reference.name in place), None)

    def names(self, kind: str, thread: BoundThread) -> tuple[str, ...]:
        """The names of a kind, those of a thread before the others."""
        if kind == "thread":
            return tuple(name for name, target in reversed(self._threads.items()) if target.chain)
        places = (self._steps[thread.span], *self._steps.values())
        return tuple(dict.fromkeys(name for place in places for name in place))
