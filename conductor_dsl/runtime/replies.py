"""Replies: what people text takes its effect on consent, in the transaction that stores it, and is answered.

STOP, in whatever words, ends texts; START gives back what a STOP took, and nothing else; HELP is answered. What may have
been meant as STOP and cannot be decided keeps texts back until a person has read it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.program.json_sql import json_word
from conductor_dsl.program.operations import Send
from conductor_dsl.program.states import HistoryKind
from conductor_dsl.replies.text_to_meaning import Meaning, Understood, text_to_meaning
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import DAY, MINUTE, Instant
from conductor_dsl.store.answers import write_answers
from conductor_dsl.store.batches import arrival
from conductor_dsl.store.codes import Code, known_codes
from conductor_dsl.store.consents import SUBSCRIBED, UNSUBSCRIBED, hear_words
from conductor_dsl.store.intents import cancel_opted_out
from conductor_dsl.store.tables import EVERY_TEXT, UNDECIDED_TEXT, consent, intent, membership, texts_from

RECEIVED = "sms.received"
ANSWERED_WITHIN = 5 * MINUTE
"""How long after a text its answer may still leave."""
PAUSES = {Meaning.STOP: DAY, Meaning.HELP: 10 * MINUTE, Meaning.START: 10 * MINUTE}
"""How long the same answer is not given again; so two machines that answer each other soon fall silent."""
STEPS = {Meaning.STOP: 0, Meaning.HELP: 1, Meaning.START: 2}
"""The numbers of the answers in the conversation of the engine's own."""
SOURCE = "text to "
"""How the ledger names a text as the source of a word; the code follows."""


class Text(NamedTuple):
    """A text that means something, from a contact to a code."""

    contact_id: int
    at: Instant
    text: str
    code: str
    understood: Understood


@dataclass(frozen=True, slots=True)
class Numbers:
    """The codes, and the lists that texts from each are for, in any version."""

    codes: Mapping[str, Code]
    lists: Mapping[str, frozenset[str]]

    def scope(self, code: str) -> tuple[str, frozenset[str]]:
        """The list that stands for what a STOP to a code ends, and the lists that end with it."""
        known = self.codes.get(code)
        if known is not None and known.scope == "code":
            return texts_from(code), self.lists.get(code, frozenset())
        return EVERY_TEXT, frozenset().union(*self.lists.values())


def hear_texts(connection: sa.Connection, programs: Programs, now: Instant) -> None:
    """Let the texts in `arrival` take their effect; what is joined and left by them is added to it."""
    codes = known_codes(connection)
    numbers = Numbers(codes, lists_by_code(programs))
    for texts in _rounds(_meant(connection, next(iter(codes), ""))):
        words = [*_stops(connection, numbers, texts), *_starts(connection, numbers, texts), *_undecided(texts)]
        hear_words(connection, [(number, *word) for number, word in enumerate(words)], now)
        if words:
            cancel_opted_out(connection, now, intent.c.contact_id.in_([each.contact_id for each in texts]))
        write_answers(connection, [_answer(each, codes, now) for each in texts], now)


def lists_by_code(programs: Programs) -> dict[str, frozenset[str]]:
    """The lists whose consent counts for texts from each code."""
    found: dict[str, set[str]] = defaultdict(set)
    for loaded in programs.by_version.values():
        for step, operation in enumerate(loaded.program.operations):
            if isinstance(operation, Send) and operation.channel == "sms" and operation.url is None:
                list_ = operation.list or loaded.flow.settings.list or operation.channel
                found[loaded.messages[step].sender].add(list_)
    return {code: frozenset(lists) for code, lists in found.items()}


def _meant(connection: sa.Connection, only_code: str) -> Iterator[Text]:
    """The texts that mean anything, in the order in which they were written."""
    text, keyword, code = (
        json_word(arrival.c.payload, sa.literal(name, sa.Text)) for name in ("text", "keyword", "code")
    )
    said = sa.select(
        arrival.c.contact_id, arrival.c.at, sa.func.coalesce(text, keyword, ""), sa.func.coalesce(code, only_code)
    )
    for row in connection.execute(
        said.where(arrival.c.name == RECEIVED).order_by(arrival.c.at, arrival.c.number)
    ).all():
        understood = text_to_meaning(row[2])
        if understood.meaning not in (Meaning.OTHER, Meaning.YES):
            yield Text(*row, understood)


def _rounds(texts: Iterator[Text]) -> Iterator[list[Text]]:
    """The first text of each contact, then the second, and so on."""
    by_contact: dict[int, list[Text]] = defaultdict(list)
    for each in texts:
        by_contact[each.contact_id].append(each)
    for number in range(max(map(len, by_contact.values()), default=0)):
        yield [each[number] for each in by_contact.values() if number < len(each)]


Word = tuple[object, ...]
"""A word in the columns of `incoming_consent` but for the number."""


def _word(text: Text, list_: str, action: str) -> Word:
    return (text.contact_id, "", list_, text.at, action, f"{SOURCE}{text.code}", "", text.text)


def _stops(connection: sa.Connection, numbers: Numbers, texts: Sequence[Text]) -> Iterator[Word]:
    """Opt-outs from what the STOP ends, and from each list of it that its author is on."""
    stops = {each.contact_id: each for each in texts if each.understood.meaning == Meaning.STOP}
    for each in stops.values():
        yield _word(each, numbers.scope(each.code)[0], UNSUBSCRIBED)
    on = sa.select(membership.c.contact_id, membership.c.list).where(membership.c.state != UNSUBSCRIBED)
    for contact_id, list_ in connection.execute(on.where(membership.c.contact_id.in_(stops))).all():
        if list_ in numbers.scope(stops[contact_id].code)[1]:
            yield _word(stops[contact_id], list_, UNSUBSCRIBED)


def _starts(connection: sa.Connection, numbers: Numbers, texts: Sequence[Text]) -> Iterator[Word]:
    """The lists that a text to the same numbers has taken from who texts START."""
    starts = {each.contact_id: each for each in texts if each.understood.meaning == Meaning.START}
    same = (consent.c.contact_id == membership.c.contact_id, consent.c.list == membership.c.list)
    taken = sa.exists().where(*same, consent.c.at == membership.c.since_at, consent.c.source.startswith(SOURCE))
    left = sa.select(membership.c.contact_id, membership.c.list).where(membership.c.state == UNSUBSCRIBED, taken)
    for contact_id, list_ in connection.execute(left.where(membership.c.contact_id.in_(starts))).all():
        start = starts[contact_id]
        stands_for, lists = numbers.scope(start.code)
        if list_ in (stands_for, texts_from(start.code), EVERY_TEXT, UNDECIDED_TEXT) or list_ in lists:
            yield _word(start, list_, SUBSCRIBED)


def _undecided(texts: Sequence[Text]) -> Iterator[Word]:
    for each in texts:
        if each.understood.meaning == Meaning.UNDECIDED:
            yield _word(each, UNDECIDED_TEXT, UNSUBSCRIBED)


_KINDS = {
    Meaning.STOP: HistoryKind.STOP_INFERRED,
    Meaning.HELP: HistoryKind.HELP_RECEIVED,
    Meaning.START: HistoryKind.START_RECEIVED,
    Meaning.UNDECIDED: HistoryKind.STOP_UNDECIDED,
}


def _answer(text: Text, codes: Mapping[str, Code], now: Instant) -> tuple[object, ...]:
    """A row of `answer`."""
    meaning, expires_at = text.understood.meaning, text.at + ANSWERED_WITHIN
    kind, reason = _KINDS[meaning], text.code
    if meaning == Meaning.STOP and text.understood.by_keyword:
        kind = HistoryKind.STOP_RECEIVED
    code = codes.get(text.code)
    message = code.answers.get(meaning) if code else None
    if message is not None and expires_at <= now:
        kind, reason = HistoryKind.ANSWER_TOO_LATE, f"{kind} {text.code}"
    pause = now - PAUSES.get(meaning, 0)
    return (text.contact_id, STEPS.get(meaning, -1), text.code, message, expires_at, pause, kind, reason)
