"""Replies: what people text takes its effect on consent, in the transaction that stores it, and is answered.

STOP, in whatever words, ends texts; START gives back what a STOP took, and nothing else; HELP is answered; YES confirms
what was asked. What may
have been meant as STOP and cannot be decided keeps texts back until a person has read it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import sqlalchemy as sa

from conductor_dsl.program.states import HistoryKind
from conductor_dsl.replies.text_to_meaning import Meaning
from conductor_dsl.runtime.confirmations import yes_words
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.revocation import SOURCE, Numbers, lists_by_code
from conductor_dsl.runtime.text_meanings import Text, meant, rounds
from conductor_dsl.shared.clock import DAY, MINUTE, Instant
from conductor_dsl.store.answers import write_answers
from conductor_dsl.store.codes import Code, known_codes
from conductor_dsl.store.consents import CONFIRMED, UNSUBSCRIBED, hear_words
from conductor_dsl.store.intents import cancel_opted_out, cancel_undecided
from conductor_dsl.store.suppressions import PROVIDER
from conductor_dsl.store.tables import EVERY_TEXT, UNDECIDED_TEXT, consent, intent, membership, texts_from

ANSWERED_WITHIN = 5 * MINUTE
"""How long after a text its answer may still leave."""
PAUSES = {Meaning.STOP: DAY, Meaning.HELP: 10 * MINUTE, Meaning.START: 10 * MINUTE}
"""How long the same answer is not given again; so two machines that answer each other soon fall silent."""
STEPS = {Meaning.STOP: 0, Meaning.HELP: 1, Meaning.START: 2}
"""The numbers of the answers in the conversation of the engine's own."""
Word = tuple[object, ...]
"""A word in the columns of `incoming_consent` but for the number."""


def hear_texts(connection: sa.Connection, programs: Programs, now: Instant) -> None:
    """Let the texts in `arrival` take their effect; what is joined and left by them is added to it."""
    codes = known_codes(connection)
    numbers = Numbers(codes, lists_by_code(programs))
    for texts in rounds(meant(connection, next(iter(codes), ""))):
        _hear(connection, numbers, texts, now)


def _hear(connection: sa.Connection, numbers: Numbers, texts: Sequence[Text], now: Instant) -> None:
    """Let one text of each contact take its effect."""
    stops, starts = (_of(texts, meaning) for meaning in (Meaning.STOP, Meaning.START))
    again = _has_stopped_already(connection, numbers, stops)
    returns = list(_returns(connection, numbers, starts))
    words = [*_ends(connection, numbers, stops), *returns, *_undecided(texts), *yes_words(connection, texts)]
    hear_words(connection, [(number, *word) for number, word in enumerate(words)], now)
    if words:
        concerned = intent.c.contact_id.in_([each.contact_id for each in texts])
        cancel_opted_out(connection, now, concerned)
        cancel_undecided(connection, now, concerned)
    quiet = starts.keys() - {word[0] for word in returns}
    answered = [each for each in texts if each.understood.meaning != Meaning.YES]
    write_answers(connection, [_answer(each, numbers.codes, again, quiet, now=now) for each in answered], now)


def _of(texts: Sequence[Text], meaning: Meaning) -> dict[int, Text]:
    return {each.contact_id: each for each in texts if each.understood.meaning == meaning}


def _word(text: Text, list_: str, action: str) -> Word:
    return (text.contact_id, "", list_, text.at, action, f"{SOURCE}{text.code}", "", text.proof)


def _ends(connection: sa.Connection, numbers: Numbers, stops: Mapping[int, Text]) -> Iterator[Word]:
    """Opt-outs from what each STOP ends as a whole, and from each list of it that its author is on."""
    for each in stops.values():
        for whole in numbers.ends(each.code).wholes:
            yield _word(each, whole, UNSUBSCRIBED)
    on = sa.select(membership.c.contact_id, membership.c.list).where(membership.c.state != UNSUBSCRIBED)
    for contact_id, list_ in connection.execute(on.where(membership.c.contact_id.in_(stops))).all():
        if numbers.ends(stops[contact_id].code).holds(list_):
            yield _word(stops[contact_id], list_, UNSUBSCRIBED)


def _has_stopped_already(connection: sa.Connection, numbers: Numbers, stops: Mapping[int, Text]) -> set[int]:
    """Those whose STOP ends nothing that is not over already."""
    left = sa.select(membership.c.contact_id, membership.c.list).where(
        membership.c.contact_id.in_(stops), membership.c.state == UNSUBSCRIBED
    )
    rows = connection.execute(left).all()
    return {id_ for id_, list_ in rows if list_ in numbers.ends(stops[id_].code).wholes}


def _returns(connection: sa.Connection, numbers: Numbers, starts: Mapping[int, Text]) -> Iterator[Word]:
    """The lists that a text has taken from who texts START, be it that the provider has heard it.

    What was left in another way stays left.
    """
    same = (consent.c.contact_id == membership.c.contact_id, consent.c.list == membership.c.list)
    heard = sa.or_(consent.c.source.startswith(SOURCE), consent.c.source == PROVIDER)
    taken = sa.exists().where(*same, consent.c.at == membership.c.since_at, heard)
    left = sa.select(membership.c.contact_id, membership.c.list).where(membership.c.state == UNSUBSCRIBED, taken)
    for contact_id, list_ in connection.execute(left.where(membership.c.contact_id.in_(starts))).all():
        start = starts[contact_id]
        ended = numbers.ends(start.code)
        if list_ in (texts_from(start.code), EVERY_TEXT, UNDECIDED_TEXT, *ended.wholes) or ended.holds(list_):
            yield _word(start, list_, CONFIRMED)


def _undecided(texts: Sequence[Text]) -> Iterator[Word]:
    for each in _of(texts, Meaning.UNDECIDED).values():
        yield _word(each, UNDECIDED_TEXT, UNSUBSCRIBED)


_KINDS = {
    Meaning.STOP: HistoryKind.STOP_INFERRED,
    Meaning.HELP: HistoryKind.HELP_RECEIVED,
    Meaning.START: HistoryKind.START_RECEIVED,
    Meaning.UNDECIDED: HistoryKind.STOP_UNDECIDED,
}


def _answer(
    text: Text, codes: Mapping[str, Code], again: Collection[int], quiet: Collection[int], *, now: Instant
) -> tuple[object, ...]:
    """A row of `answer`. Those who are `quiet` get none; a STOP that is not said `again` gets one in any case."""
    meaning, expires_at = text.understood.meaning, text.at + ANSWERED_WITHIN
    kind, reason = _KINDS[meaning], text.code
    if meaning == Meaning.STOP and text.understood.by_keyword:
        kind = HistoryKind.STOP_RECEIVED
    code = codes.get(text.code)
    message = code.answers.get(meaning) if code and text.contact_id not in quiet else None
    if message is not None and expires_at <= now:
        kind, reason = HistoryKind.ANSWER_TOO_LATE, f"{kind} {text.code}"
    is_new = meaning == Meaning.STOP and text.contact_id not in again
    pause = now if is_new else now - PAUSES.get(meaning, 0)
    return (text.contact_id, STEPS.get(meaning, -1), text.code, message, expires_at, pause, kind, reason)
