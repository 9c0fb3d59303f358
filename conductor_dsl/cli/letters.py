"""Messages that wait for a decision, as a list for people or as JSON, and the decision itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from conductor_dsl.program.states import IntentState
from conductor_dsl.runtime.doorbell import ring
from conductor_dsl.shared.clock import Instant, to_iso
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.ids import Place, dispatch_key, key_to_place
from conductor_dsl.store.by_hand import Letter, count_letters, decide, letters
from conductor_dsl.store.connect import Engine, reading, secret_of

BATCH = 10_000
ALL = "all"


def show_letters(engine: Engine, state: IntentState, limit: int, *, as_json: bool) -> int:
    """Print the messages in a state, one by one; returns how many there are."""
    with reading(engine) as connection:
        secret, count = secret_of(connection), count_letters(connection, state)
        found = letters(connection, state, limit)
    for letter in found:
        key = dispatch_key(secret, *letter.place)
        click.echo(json.dumps(_as_json(key, letter)) if as_json else _in_words(key, letter))
    if count > len(found) and not as_json:
        click.echo(f"... and {count - len(found):,} more (`--limit {count}` shows them)")
    return count


def _in_words(key: str, letter: Letter) -> str:
    where = f"{letter.conversation}, {letter.step or 'a step that is gone'}"
    head = f"{key}  {letter.channel} to {letter.address}  ({where}; contact {letter.contact})"
    tries = "1 attempt" if letter.attempts == 1 else f"{letter.attempts} attempts"
    lives = f"since {to_iso(letter.since)}, lives until {to_iso(letter.expires_at)}, {tries}"
    return f"{head}\n    {lives}: {letter.reason}"


def _as_json(key: str, letter: Letter) -> dict[str, object]:
    told = letter._asdict() | {"since": to_iso(letter.since), "expires_at": to_iso(letter.expires_at)}
    del told["place"]
    return {"key": key, **told}


def settle_letters(
    engine: Engine, keys: Sequence[str], states: tuple[IntentState, IntentState], now: Instant, word: str
) -> int:
    """Decide about the messages with these keys, or about all; returns how many were changed, and wakes the nodes.

    Raises ConductorError for what is no key of this database; nothing is changed then.
    """
    with reading(engine) as connection:
        places = [] if ALL in keys else _places(secret_of(connection), keys)
    changed = _settle_all(engine, states, now, word) if ALL in keys else _settle(engine, places, states, now, word)
    ring(engine)
    return changed


def _places(secret: str, keys: Sequence[str]) -> list[Place]:
    found = {key: key_to_place(secret, key) for key in keys}
    for key, place in found.items():
        if place is None:
            raise ConductorError(f"`{key}` is no key of a message here", hint="copy it from the list, or write `all`")
    return [place for place in found.values() if place is not None]


def _settle_all(engine: Engine, states: tuple[IntentState, IntentState], now: Instant, word: str) -> int:
    """Batch by batch, each in a transaction of its own; one whose time to live is over does not leave again."""
    alive = now if states[1] == IntentState.READY else None
    total = 0
    while True:
        with engine.begin() as connection:
            places = [letter.place for letter in letters(connection, states[0], BATCH, alive)]
            if not places:
                return total
            total += decide(connection, places, states, now, word)


def _settle(
    engine: Engine, places: Sequence[Place], states: tuple[IntentState, IntentState], now: Instant, word: str
) -> int:
    with engine.begin() as connection:
        return decide(connection, places, states, now, word)
