"""From what a test expects and what was seen to the lines that did not come true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from conductor_dsl.language.bound_tests import BoundStatement
from conductor_dsl.language.source import Source
from conductor_dsl.runtime.rehearse import judge_messages as messages
from conductor_dsl.runtime.rehearse import judge_runs as runs
from conductor_dsl.runtime.rehearse.evidence import Evidence
from conductor_dsl.runtime.rehearse.nouns import Failure, Scene, Seen

JUDGES: Mapping[str, Callable[[Evidence], str | None]] = MappingProxyType(
    {
        "message": messages.judge_message,
        "no message": messages.judge_no_message,
        "messages": messages.judge_messages,
        "nothing": messages.judge_nothing,
        "skipped": messages.judge_skipped,
        "step": messages.judge_step,
        "notice": messages.judge_notice,
        "entered": runs.judge_entered,
        "not entered": runs.judge_not_entered,
        "end": runs.judge_end,
        "exit": runs.judge_exit,
        "waiting": runs.judge_waiting,
        "group": runs.judge_group,
        "field": runs.judge_field,
        "consent": runs.judge_consent,
        "event": runs.judge_event,
    }
)
"""Who judges which line, by its name in `statements`; only the order is judged over several lines."""


def judge(scene: Scene, seen: Seen, source: Source) -> Iterator[Failure]:
    """Every line of a test that did not come true, in the order of the text; what could not be told comes first."""
    for problem in seen.problems:
        yield Failure(source.position(scene.test.span.start).line, "what the test tells can be stored", problem)
    for line in scene.test.of("expect"):
        got = _judge(line, scene, seen)
        if got is not None:
            yield Failure(source.position(line.span.start).line, _expected(line, source), got)


def _judge(line: BoundStatement, scene: Scene, seen: Seen) -> str | None:
    if line.name == "order":
        return messages.judge_order(Evidence(scene, seen, each) for each in scene.test.of("expect", "message"))
    return JUDGES[line.name](Evidence(scene, seen, line))


def _expected(line: BoundStatement, source: Source) -> str:
    """The line as it was written, without its first word."""
    return " ".join(source.excerpt(line.span).split()).removeprefix("expect ")
