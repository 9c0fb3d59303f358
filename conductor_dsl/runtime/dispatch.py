"""Dispatch: messages leave in batches, each with a committed intent behind it.

Three moments: a transaction that marks the batch as being sent, the call to the provider, a transaction that writes
down what became of it. A crash between them leaves messages whose outcome is unknown; `rescue` resolves those.

The first of them may be the transaction that writes the messages: where nothing else waits to leave, a pass marks them
as it writes them, for to mark them afterwards costs as much as to write them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa

from conductor_dsl.plugin.channels import NOT_ACCEPTED, ChannelProvider, Outgoing, Receipt, Verdict
from conductor_dsl.program.states import IntentState, Lane, Reason
from conductor_dsl.runtime.intent_to_message import Made, message_maker
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.receipts import Outcome, settle_receipts
from conductor_dsl.shared.clock import SECOND, Clock, Instant
from conductor_dsl.store.call_back import CALLED_BACK
from conductor_dsl.store.intents import Claimed, Lease, claim_ready, lease_of_its_own

LEASE = 12 * SECOND
"""How long a node may take over one batch before another looks after it; so a killed node's work is taken over within
15 s."""
RESERVE = 4 * SECOND
"""So long before the end of the lease the last call to a provider begins; a call should take less."""
FIRST_SLICE, GROWTH, TRUSTED = 20, 4, 100
"""A batch is handed over in slices that grow: what is wrong shows at the first few, and a provider that is slow leaves
time to hand back the rest. To one that has taken all of the slice before, and fast, more are given at first, so that a
small batch is one call."""
HANDED_BACK = Receipt("", Verdict.TRANSIENT, code=NOT_ACCEPTED)
"""On a message that was certainly not sent; that is no attempt."""
_TROUBLE = (Verdict.TRANSIENT, Verdict.AMBIGUOUS)
_Load = tuple[list[Claimed], list[Outgoing]]
"""What waits for one channel: intents, and their messages in the same order."""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """A batch that has been sent: how many messages came to which state."""

    states: Mapping[IntentState, int]

    @property
    def count(self) -> int:
        """How many messages there were."""
        return sum(self.states.values())


Settle = Callable[[], Dispatched]
"""Writes down what became of messages that have been sent."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What a node remembers of its channels from batch to batch; nothing of it is missed after a crash."""

    firsts: dict[str, int] = field(default_factory=dict)
    """How many messages a batch begins with, where the call before went well."""
    served: dict[str, int] = field(default_factory=dict)
    """The place of its latest call among the calls to all of them."""


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """What dispatching needs: the database, who sends, who carries, and what time it is."""

    engine: sa.Engine
    node: str
    providers: Mapping[str, ChannelProvider]
    clock: Clock
    reached: Callable[[str], None]
    """Called at named points of the way, where tests crash the process."""
    lanes: Sequence[Lane] = tuple(Lane)
    """The lanes whose messages leave, in this order."""
    patience: int = LEASE - RESERVE
    """After how many milliseconds no further call to a provider begins, and the rest of the batch is handed back; never
    later than `RESERVE` before the end of the lease."""
    manners: Manners = field(default_factory=Manners)
    """What is known of the channels, kept from batch to batch."""


def dispatch_ready(dispatcher: Dispatcher, programs: Programs, limit: int) -> Settle | None:
    """Send one batch of messages that may leave now; returns how to settle it, None when there is none."""
    now = dispatcher.clock.now()
    with dispatcher.engine.begin() as connection:
        lease = lease_from(connection, dispatcher.node, now)
        claimed = claim_ready(connection, dispatcher.lanes, lease=lease, now=now, limit=limit)
    return deliver(dispatcher, programs, claimed, lease) if claimed else None


def lease_from(connection: sa.Connection, node: str, now: Instant) -> Lease:
    """The lease of a node that claims messages now."""
    return lease_of_its_own(connection, node, now + LEASE)


def deliver(dispatcher: Dispatcher, programs: Programs, claimed: Sequence[Claimed], lease: Lease) -> Settle:
    """Send what has been claimed under a lease; returns how to settle it."""
    dispatcher.reached("dispatch.claimed")
    outcomes = send_claimed(dispatcher, programs, claimed, lease.until)
    dispatcher.reached("dispatch.sent")
    return partial(_settle, dispatcher, outcomes)


def _settle(dispatcher: Dispatcher, outcomes: Sequence[Outcome]) -> Dispatched:
    with dispatcher.engine.begin() as connection:
        states = settle_receipts(connection, outcomes, node=dispatcher.node, now=dispatcher.clock.now())
    dispatcher.reached("dispatch.settled")
    return Dispatched(states)


def send_claimed(
    dispatcher: Dispatcher, programs: Programs, claimed: Sequence[Claimed], lease_until: Instant
) -> list[Outcome]:
    """Render and send claimed intents; one receipt for each, whatever happens."""
    now, begin_by = dispatcher.clock.now(), lease_until - RESERVE
    outcomes: list[Outcome] = [(row, HANDED_BACK) for row in claimed if row.reason in CALLED_BACK]
    wanted = [row for row in claimed if row.reason not in CALLED_BACK] if outcomes else claimed
    ready: dict[str, _Load] = defaultdict(lambda: ([], []))
    for group in _alike(wanted):
        made, kept_back = _prepare(group, programs, now, begin_by)
        outcomes += kept_back
        if made.rows:
            rows, messages = ready[group[0].channel]
            rows += made.rows
            messages += made.messages
    outcomes += _send_in_slices(dispatcher, ready, min(now + dispatcher.patience, begin_by))
    return outcomes


def _alike(claimed: Sequence[Claimed]) -> Iterable[list[Claimed]]:
    """The intents of one version, step and template together."""
    groups: dict[tuple[int, int, int], list[Claimed]] = defaultdict(list)
    for row in claimed:
        groups[row.version_id, row.step, row.message_id].append(row)
    return groups.values()


def _prepare(
    rows: Sequence[Claimed], programs: Programs, now: Instant, begin_by: Instant
) -> tuple[Made, list[Outcome]]:
    """The messages of the rows, and of those that cannot leave why."""
    if rows[0].message_id not in programs.messages:
        # Published and written by others since this node last looked; it knows the message at its next turn.
        return Made([], [], []), [(row, HANDED_BACK) for row in rows]
    late = [(row, Receipt("", Verdict.REJECTED, code=Reason.EXPIRED)) for row in rows if row.expires_at <= now]
    rest = [row for row in rows if row.expires_at > now] if late else rows
    made = message_maker(programs, rows[0], begin_by)(rest, now)
    failed = [
        (row, Receipt("", Verdict.REJECTED, code=Reason.RENDER_ERROR, detail=str(problem)))
        for row, problem in made.failed
    ]
    return made, late + failed


def _send_in_slices(dispatcher: Dispatcher, ready: Mapping[str, _Load], until: Instant) -> Iterator[Outcome]:
    """One slice of each channel after the other, so that a slow one does not use up the time of the others.

    The channel begins that has waited longest, for the first slice of another one may take all the time.
    What is left when time is up (a provider is slow, or the machine slept) is sent by whoever claims it next.
    """
    firsts, served = dispatcher.manners.firsts, dispatcher.manners.served
    order = sorted(ready, key=lambda channel: served.get(channel, 0))
    waiting = deque((channel, ready[channel], firsts.pop(channel, FIRST_SLICE)) for channel in order)
    while waiting:
        channel, (rows, messages), size = waiting.popleft()
        provider, started = dispatcher.providers.get(channel), dispatcher.clock.now()
        if provider is None or until <= started:
            code = "no_provider" if provider is None else NOT_ACCEPTED
            yield from ((row, Receipt("", Verdict.TRANSIENT, code=code)) for row in rows)
            continue
        served[channel] = max(served.values(), default=0) + 1
        outcomes = _send_slice(provider, rows[:size], messages[:size])
        yield from outcomes
        took = (dispatcher.clock.now() - started) * size // len(outcomes)
        following = _next_size(size, took, dispatcher.patience // 2)
        if rows[size:]:
            waiting.append((channel, (rows[size:], messages[size:]), following))
        elif not any(receipt.verdict in _TROUBLE for _, receipt in outcomes):
            firsts[channel] = max(min(following, TRUSTED), FIRST_SLICE)


def _next_size(size: int, took: int, patience: int) -> int:
    """How large the next slice is, so that it takes no longer than half of the reserve, or of `patience`."""
    longest = min(RESERVE // 2, patience)
    return min(size * GROWTH, max(size * longest // took, 1)) if took else size * GROWTH


def _send_slice(provider: ChannelProvider, rows: Sequence[Claimed], messages: Sequence[Outgoing]) -> list[Outcome]:
    keys = [message.key for message in messages]
    try:
        return _matched(rows, keys, list(provider.send(messages)))
    except Exception as problem:  # noqa: BLE001  (a provider is a plugin, and may raise anything)
        unknown = Receipt("", Verdict.AMBIGUOUS, code=type(problem).__name__, detail=str(problem))
        return [(row, unknown) for row in rows]


def _matched(rows: Sequence[Claimed], keys: Sequence[str], receipts: Sequence[Receipt]) -> list[Outcome]:
    """Each message with its receipt, the last one if there are several."""
    answered = [receipt.key for receipt in receipts]
    if answered == keys:  # most providers answer in the order in which they were asked
        return list(zip(rows, receipts, strict=True))
    found = dict(zip(answered, receipts, strict=True))
    silent = Receipt("", Verdict.AMBIGUOUS, code="no_receipt")
    return [(row, found.get(key, silent)) for row, key in zip(rows, keys, strict=True)]
