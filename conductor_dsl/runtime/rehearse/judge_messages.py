"""Expectations about messages: None where they came true, else what was seen instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from conductor_dsl.language.bound import Reference
from conductor_dsl.program.states import OUTCOME_OF, HistoryKind, Reason
from conductor_dsl.runtime.rehearse.evidence import Evidence
from conductor_dsl.runtime.rehearse.nouns import Note, Sent
from conductor_dsl.runtime.rehearse.observe import UNSENT
from conductor_dsl.runtime.words import in_words

ANY = ("message", "messages")
NOUNS = {"sms": ("text", "texts"), "email": ("e-mail", "e-mails"), "webhook": ("webhook", "webhooks")}
MOST = 5
LONGEST = 70


def judge_message(evidence: Evidence) -> str | None:
    """At least one."""
    return None if matching(evidence) else _others(evidence)


def judge_no_message(evidence: Evidence) -> str | None:
    """None at all."""
    found = matching(evidence)
    return listed(evidence, found) if found else None


def judge_messages(evidence: Evidence) -> str | None:
    """Just so many."""
    found = matching(evidence)
    if len(found) == evidence.line.number("count"):
        return None
    return f"{len(found)}: {listed(evidence, found)}" if found else _others(evidence)


def judge_nothing(evidence: Evidence) -> str | None:
    """None, or none any more."""
    after = evidence.after
    late = [each for each in evidence.sent if after is None or each.at > after]
    return listed(evidence, late) if late else None


def judge_order(evidences: Iterable[Evidence]) -> str | None:
    """Messages that are expected one behind the other, contact by contact; several lines may be about one message."""
    places: dict[str, int] = {}
    for evidence in evidences:
        sent, place = evidence.seen.sent, places.get(evidence.key, 0)
        found = [sent.index(each) for each in matching(evidence)]
        later = [index for index in found if index >= place]
        if found and not later:
            return f"{describe(evidence, sent[found[-1]])} came before {describe(evidence, sent[place])}"
        places[evidence.key] = later[0] if later else place
    return None


def matching(evidence: Evidence) -> list[Sent]:
    """The messages of which everything is true that a line says."""
    return [each for each in evidence.sent if each.accepted and all(test(each) for test in _tests(evidence))]


def _tests(evidence: Evidence) -> list[Callable[[Sent], bool]]:
    line = evidence.line
    channel, of = line.text("channel"), line.phrase.get("of")
    tests: list[Callable[[Sent], bool]] = [lambda each: channel in (*ANY, each.channel)]
    if isinstance(of, Reference):
        tests.append(lambda each: (each.saved if of.kind == "saved" else each.step) == of.name)
    for name in ("subject", "to", "sender"):
        wanted = line.text(name)
        if wanted is not None:
            tests.append(lambda each, name=name, wanted=wanted: wanted in _parts(each, name))  # type: ignore[misc]
    tests += [lambda each, text=text: text in content(each) for text in line.texts("contains")]  # type: ignore[misc]
    tests += [lambda each, text=text: text not in content(each) for text in line.texts("lacks")]  # type: ignore[misc]
    return [*tests, lambda each: evidence.is_time(each.at)]


def _parts(each: Sent, name: str) -> Sequence[str]:
    """What a part may be said to be; a sender with its name may be called by its address alone."""
    value = str(getattr(each, name))
    return (value, value.rpartition("<")[2].rstrip(">")) if name == "sender" else (value,)


def content(each: Sent) -> str:
    """All that can be read in a message, also as one line."""
    whole = "\n".join((each.subject, each.text, each.html))
    return f"{whole}\n{' '.join(whole.split())}"


def _others(evidence: Evidence) -> str:
    """What there is instead of a message: those of its channel, or why there are none."""
    channel = evidence.line.text("channel") or ""
    near = [each for each in evidence.sent if channel in (*ANY, each.channel)]
    if near:
        return listed(evidence, near)
    notes = [note for note in evidence.notes if note.channel and channel in (*ANY, note.channel)]
    why = "; ".join(dict.fromkeys(describe_note(note) for note in notes if note.kind != HistoryKind.DEFERRED))
    noun = NOUNS.get(channel, ("message", ""))[0]
    entered = "" if evidence.passes else ", for the contact did not enter"
    return f"no {noun}{entered}{f' ({why})' if why else ''}"


def listed(evidence: Evidence, messages: Sequence[Sent]) -> str:
    """Messages for people, the first of them."""
    shown = [describe(evidence, each) for each in messages[:MOST]]
    more = [f"and {len(messages) - MOST} more"] if len(messages) > MOST else []
    return "; ".join([*shown, *more])


def describe(evidence: Evidence, each: Sent) -> str:
    """A message for people: what it is, what it says, when it went out."""
    says = each.subject or " ".join(each.text.split())
    short = says if len(says) <= LONGEST else f"{says[: LONGEST - 1]}…"
    refused = "" if each.accepted else " (refused)"
    saved = f', saved:"{each.saved}"' if each.saved else ""
    return f'{each.channel} "{short}" of `{each.step}`{saved} {evidence.when(each.at)}{refused}'


def judge_skipped(evidence: Evidence) -> str | None:
    """A step that sent nothing, perhaps for one of these reasons."""
    step = evidence.line.text("step")
    reasons = {option.keyword for option in evidence.line.phrase.options} & set(OUTCOME_OF.values())
    for note in evidence.notes:
        is_here = note.step == step and note.kind == HistoryKind.SKIPPED and evidence.is_time(note.at)
        if is_here and (not reasons or _outcome(note) in reasons):
            return None
    return _of_step(evidence)


def judge_step(evidence: Evidence) -> str | None:
    """A step whose message was sent, was refused, or had to wait."""
    step, outcome = evidence.line.text("step"), evidence.line.text("outcome")
    times = [each.at for each in evidence.sent if each.step == step and each.accepted == (outcome == "sent")]
    if outcome == "deferred":
        times = [note.at for note in evidence.notes if note.step == step and note.kind == HistoryKind.DEFERRED]
    elif outcome == "failed":
        times += [note.at for note in evidence.notes if note.step == step and note.kind in UNSENT]
    return None if any(evidence.is_time(at) for at in times) else _of_step(evidence)


def _of_step(evidence: Evidence) -> str:
    """What became of a step instead."""
    step = evidence.line.text("step")
    told = [(each.at, describe(evidence, each)) for each in evidence.sent if each.step == step]
    told += [(n.at, f"{describe_note(n)} {evidence.when(n.at)}") for n in evidence.notes if n.step == step]
    if told:
        return "; ".join(text for _, text in sorted(told))
    return "the step was not reached" if evidence.passes else "the contact did not enter"


def describe_note(note: Note) -> str:
    """A row of history for people."""
    return f"`{note.step}` {in_words(note.kind, note.reason)}"


def _outcome(note: Note) -> str:
    """The outcome by which an author knows the reason of a note."""
    return OUTCOME_OF[Reason(note.reason)] if note.reason in OUTCOME_OF else ""


def judge_notice(evidences: Evidence) -> str | None:
    """A member of the staff who was told."""
    line = evidences.line
    address, wanted = line.text("address"), line.texts("contains")
    theirs = [each for each in evidences.seen.notices if each.to == address]
    if any(all(text in content(each) for text in wanted) for each in theirs):
        return None
    said = "; ".join(" ".join(each.text.split()) for each in theirs)
    return f"they were told: {said}" if said else "they were told nothing"
