"""One line for each batch that a node has done."""

from __future__ import annotations

from collections.abc import Callable

import click

from conductor_dsl.runtime.advance import Advanced
from conductor_dsl.runtime.alerts import Alerted
from conductor_dsl.runtime.audience import Looked
from conductor_dsl.runtime.call_out import Failed, Given
from conductor_dsl.runtime.chances import Met, Surveyed
from conductor_dsl.runtime.digest import Told
from conductor_dsl.runtime.dispatch import Dispatched
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.happenings import Happened
from conductor_dsl.runtime.inbox import Noted
from conductor_dsl.runtime.prune import Pruned
from conductor_dsl.runtime.publish import Published
from conductor_dsl.shared.clock import Clock, Instant, to_iso
from conductor_dsl.shared.errors import PluginError


def batch_line(done: Done, now: Instant) -> str | None:
    """The line, with the instant in UTC; None for a look at an audience into which nobody has crossed."""
    what = _what(done)
    return what and f"{to_iso(now)}  {what}"


def announcer(clock: Clock) -> Callable[[Done], None]:
    """What prints the line of each batch on standard output, at the time of the clock."""

    def announce(done: Done) -> None:
        line = batch_line(done, clock.now())
        if line:
            click.echo(line)

    return announce


def _what(done: Done) -> str | None:
    match done:
        case Looked() | Met() | Alerted() | Surveyed():
            return _entered(done)
        case Given() | Failed() | PluginError():
            return _called(done)
        case Happened(count):
            return "1 event took effect" if count == 1 else f"{count:,} events took effect"
        case Noted():
            return _noted(done)
        case Pruned():
            return _pruned(done)
        case Told():
            return _told(done)
        case Advanced(conversation, step, count):
            return f"{conversation}: {_people(count)} moved on from `{step}`"
        case Dispatched(states):
            told = ", ".join(f"{count:,} {state}" for state, count in sorted(states.items()))
            return f"{done.count:,} {'message' if done.count == 1 else 'messages'}: {told}"


def _called(done: Given | Failed | PluginError) -> str | None:
    """What the functions of plugins have done; nothing is said of one that has just begun."""
    match done:
        case Failed(conversation, step, count, why, remedy):
            return f"warning: {conversation}: `{step}` failed at {_people(count)}: {why}; {remedy}"
        case PluginError():
            return f"warning: {done}; its people wait where they are ({done.hint})"
    return None


def _noted(done: Noted) -> str | None:
    """What providers told; nothing is said of what was known already."""
    told = (
        (done.receipts, "receipt", ""),
        (done.texts, "text", ""),
        (done.unknown, "receipt", " of no message of ours"),
        (done.strangers, "text", " from a number that no contact has"),
    )
    parts = [f"{count:,} {what}{'s' * (count > 1)}{of}" for count, what, of in told if count]
    return f"providers told: {', '.join(parts)}" if parts else None


def _told(done: Told) -> str | None:
    """Of what a member of the staff was told, if it was anything."""
    low = f"{done.pools} {'pool' if done.pools == 1 else 'pools'} of coupon codes"
    of = " and ".join([_people(done.count)] * bool(done.count) + [low] * bool(done.pools))
    return f"told {done.address} of {of}" if of else None


def _pruned(done: Pruned) -> str | None:
    """What a pass has deleted; nothing is said of one that has found nothing."""
    if done.problem is not None:
        return f"warning: nothing is deleted: {done.problem} ({done.problem.hint})"
    since = f"from before {to_iso(done.horizon)}"
    rows = "1 row" if done.deleted == 1 else f"{done.deleted:,} rows"
    return f"deleted {rows} {since}" if done.deleted else None


def _entered(done: Looked | Met | Alerted | Surveyed) -> str | None:
    """Who came in; nothing is said where nobody did."""
    match done:
        case Looked(conversation, thread, count) | Met(conversation, thread, _, count) if count:
            return f"{conversation}: {_people(count)} entered thread `{thread}`"
        case Alerted(sku, kind, _, count) if count:
            return f"{_people(count)} entered because of `{sku}`: {kind.replace('_', ' ')}"
    return None


def _people(count: int) -> str:
    return "1 contact" if count == 1 else f"{count:,} contacts"


def published_lines(published: Published) -> list[str]:
    """What publishing changed, a line for each conversation."""
    return [
        *(f"published `{name}`" for name in published.new),
        *(f"`{name}` is published already" for name in published.unchanged),
        *(f"retired `{name}`: nobody enters any more, who is inside goes on" for name in published.retired),
    ]
