"""From what was seen to the path of each contact: every step with its time, and the reasons."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.program.states import RunState
from conductor_dsl.runtime.rehearse.judge_messages import LONGEST
from conductor_dsl.runtime.rehearse.local_time import since, to_shown
from conductor_dsl.runtime.rehearse.nouns import Pass, Scene, Seen, Sent
from conductor_dsl.runtime.words import in_words
from conductor_dsl.shared.clock import Instant

ENTERED, ENDED = -1, 1_000_000
_Line = tuple[Instant, int, str]
"""When, the number of the step, and what happened."""


def seen_to_paths(scene: Scene, seen: Seen) -> tuple[str, ...]:
    """Lines about every contact, in the order of time."""
    return tuple(line for name in scene.keys for line in _path(name, scene, seen))


def _path(name: str, scene: Scene, seen: Seen) -> Iterator[str]:
    key, zone = scene.keys[name], scene.zones[name]
    lines = sorted(_lines(key, seen), key=lambda line: line[:2])
    about = f"`{name}`" if name else "the contact"
    if not lines:
        over = to_shown(seen.ended, zone)
        yield f"{about} did not enter before all was over at {over}; `until 30d` behind `at` lets time go on"
        return
    yield f"what {about} went through, by the clock of {zone}:"
    for at, _, text in lines:
        yield f"  {to_shown(at, zone)}  +{since(scene.begins, at):<7} {text}"


def _lines(key: str, seen: Seen) -> Iterator[_Line]:
    for each in seen.passes:
        if each.contact == key:
            yield each.entered_at, ENTERED, f"entered `{each.conversation}`, thread `{each.thread}`"
            yield _end(each, seen.ended)
    for note in seen.history:
        if note.contact == key:
            yield note.at, note.number, f"`{note.step}`: {in_words(note.kind, note.reason)}"
    for sent in seen.sent:
        if sent.contact == key:
            yield sent.at, sent.number, f"`{sent.step}`: {_message(sent)}"


def _end(each: Pass, ended: Instant) -> _Line:
    if each.ended_at is None:
        return ended, ENDED, f"is still inside `{each.conversation}`, at `{each.step}`"
    how = "came to the end" if each.state == RunState.COMPLETED else "left early"
    return each.ended_at, ENDED, f"{how}: {each.reason}" if each.reason else how


def _message(sent: Sent) -> str:
    says = sent.subject or " ".join(sent.text.split())
    short = says if len(says) <= LONGEST else f"{says[: LONGEST - 1]}…"
    return f'{sent.channel} to {sent.to} {"sent" if sent.accepted else "refused"}: "{short}"'
