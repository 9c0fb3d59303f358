"""Suppressions: channels that are closed to a contact, by what receipts and people tell of its address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.program.states import Closure
from conductor_dsl.shared.clock import DAY, Instant
from conductor_dsl.shared.ids import Place
from conductor_dsl.store.batches import fill, led_by, marked
from conductor_dsl.store.closed_addresses import Closed, close_addresses, closed_among, open_addresses
from conductor_dsl.store.consent_tables import address_mark
from conductor_dsl.store.consents import UNSUBSCRIBED, tell_words
from conductor_dsl.store.incoming import lock_contacts
from conductor_dsl.store.insert_missing import insert_missing, put_missing
from conductor_dsl.store.intents import KEY as PLACE
from conductor_dsl.store.intents import cancel_opted_out, cancel_suppressed
from conductor_dsl.store.tables import EVERY_TEXT, NO_LIST, SYSTEM, contact, intent, suppression, texts_from

DEAD_WITHIN = 30 * DAY
"""An address that seems dead twice within this is dead."""
PROVIDER = "provider"
"""How the ledger names a provider as the source of a word."""
FIELDS = {"sms": "mobile", "email": "email"}
"""The channels that have addresses of their own, and where a contact has them."""


class _Marked(NamedTuple):
    """What a receipt has told of the address that its message went to; `is_own` if its contact has that still."""

    contact_id: int
    channel: str
    sender: str
    address: str
    mark: str
    at: Instant
    is_own: bool


def suppress(connection: sa.Connection, rows: Sequence[tuple[Place, str, Instant]], now: Instant) -> int:
    """Take to heart what receipts tell of addresses: (place of the message, mark, instant); returns how many it closed.

    An invalid address, and one whose owner complains, is closed at once; one that seems dead when that is said again
    within 30 days. Who has told the provider to stop has left all texts; for whom the carrier takes nothing, those from
    that sender; with e-mails the address is closed. What waits to be sent there is cancelled. Repeating it changes
    nothing. It locks contacts, so call it before anything that locks their runs.
    """
    if not rows:
        return 0
    lock_contacts(connection, contact.c.id.in_({place[0] for place, _, _ in rows}))
    told = _told(connection, rows)
    put_missing(connection, address_mark, {(each.contact_id, each.channel, each.at, each.mark) for each in told})
    dead = _dead(connection, [each for each in told if each.mark == Closure.DEAD])
    words = [each for each in told if each.channel == "sms" and each.mark in (Closure.OPTED_OUT, Closure.BLOCKED)]
    ended = [each for each in told if each not in words and (each.mark != Closure.DEAD or each in dead)]
    close_addresses(connection, [Closed(each.channel, each.address, each.mark, each.at) for each in ended])
    _tell(connection, [(each.contact_id, _left(each), each.at, PROVIDER) for each in words], now)
    return _close(connection, [(each.contact_id, each.channel, each.mark, each.at) for each in ended if each.is_own])


def close_by_hand(connection: sa.Connection, closed: Sequence[Closed], now: Instant) -> int:
    """Close addresses whoever has them, now and later; returns to how many contacts something is closed by that."""
    close_addresses(connection, closed)
    wanted: dict[str, list[str]] = {channel: [] for channel in FIELDS}
    for each in closed:
        wanted[each.channel].append(each.address)
    owners = [contact.c[FIELDS[channel]].in_(addresses) for channel, addresses in wanted.items() if addresses]
    return close_known(connection, sa.select(contact.c.id).where(sa.or_(sa.false(), *owners)), now)


def close_known(connection: sa.Connection, who: sa.Select[tuple[int]], now: Instant) -> int:
    """Close to contacts what their addresses are closed for; returns to how many contacts something is closed by that.

    An erased address is not for this: whoever has it must not be here at all.
    """
    columns = (contact.c.id, contact.c.email, contact.c.mobile)
    rows = connection.execute(sa.select(*columns).where(contact.c.id.in_(who))).all()
    owners: dict[tuple[str, str], list[int]] = {}
    for id_, *addresses in rows:
        for channel, address in zip(("email", "sms"), addresses, strict=True):
            owners.setdefault((channel, address), []).append(id_)
    found = [(id_, each) for each in closed_among(connection, owners) for id_ in owners[each.channel, each.address]]
    told = [(id_, each) for id_, each in found if (each.channel, each.reason) in _WORDS]
    shut = [(id_, each) for id_, each in found if (each.channel, each.reason) not in _WORDS]
    closed = _close(connection, [(id_, each.channel, each.reason, each.at) for id_, each in shut])
    return closed + _tell(connection, [(id_, EVERY_TEXT, each.at, each.reason) for id_, each in told], now)


def open_moved(connection: sa.Connection, moved: sa.Select[tuple[int]], channel: str) -> int:
    """Open a channel to contacts who have another address there now; what they have said themselves stays."""
    mine = sa.and_(suppression.c.contact_id.in_(moved), suppression.c.channel == channel)
    of_address = suppression.c.reason.not_in([Closure.COMPLAINED, Closure.OPTED_OUT])
    return connection.execute(sa.delete(suppression).where(mine, of_address)).rowcount


_WORDS = {("sms", Closure.OPTED_OUT), ("sms", Closure.REASSIGNED)}
"""What closes nothing for ever: it is an opt-out from all texts, after which a new yes counts."""


def lift(connection: sa.Connection, addresses: Sequence[tuple[str, str]], now: Instant) -> int:
    """Open (channel, address) again; returns for how many contacts and hashes. An opt-out stays what it is."""
    opened = open_addresses(connection, addresses)
    for channel, field in FIELDS.items():
        wanted = [address for of, address in addresses if of == channel]
        who = suppression.c.contact_id.in_(sa.select(contact.c.id).where(contact.c[field].in_(wanted)))
        mine = sa.and_(suppression.c.channel == channel, who)
        marks = sa.select(suppression.c.contact_id, suppression.c.channel).where(mine)
        lifted = {"at": sa.literal(now, sa.BigInteger), "mark": sa.literal(Closure.LIFTED.value)}
        kept = {name: suppression.c[name] for name in ("contact_id", "channel")}
        insert_missing(connection, address_mark, kept | lifted, marks)
        opened += connection.execute(sa.delete(suppression).where(mine)).rowcount
    return opened


def _told(connection: sa.Connection, rows: Sequence[tuple[Place, str, Instant]]) -> list[_Marked]:
    """The rows with whom and what they are about; those of messages that have no address of a person are left out."""
    once = {(*place, mark): at for place, mark, at in rows}
    fill(connection, marked, [(*key, at) for key, at in once.items()])
    # Where a channel of a plugin has its addresses, only its steps know: they ask whether they have changed.
    known = [(intent.c.channel == channel, contact.c[field]) for channel, field in FIELDS.items()]
    own = sa.case(*known, else_=intent.c.address) == intent.c.address
    same = sa.and_(*(intent.c[name] == led_by(marked.c[name]) for name in PLACE))
    found = sa.select(
        *(intent.c[name] for name in ("contact_id", "channel", "sender", "address")),
        marked.c.mark,
        marked.c.at,
        sa.func.coalesce(own, sa.false()),
    )
    found = found.join_from(marked, intent, same).join(contact, contact.c.id == intent.c.contact_id)
    # Answers of the engine's own have no list either, and go to people.
    to_people = sa.or_(intent.c.list != NO_LIST, intent.c.conversation_id == SYSTEM)
    return [_Marked._make(row) for row in connection.execute(found.where(to_people))]


def _left(each: _Marked) -> str:
    """What somebody has left who told the provider to stop, or lets it take nothing from a sender."""
    return EVERY_TEXT if each.mark == Closure.OPTED_OUT else texts_from(each.sender)


def _dead(connection: sa.Connection, told: Sequence[_Marked]) -> list[_Marked]:
    """Those that seemed dead once before, not long ago, and were not opened by hand since."""
    c = address_mark.c
    who = c.contact_id.in_({each.contact_id for each in told})
    before: dict[tuple[int, str], list[tuple[Instant, str]]] = {}
    for row in connection.execute(sa.select(address_mark).where(who, c.mark.in_([Closure.DEAD, Closure.LIFTED]))):
        before.setdefault((row.contact_id, row.channel), []).append((row.at, row.mark))
    return [each for each in told if _is_dead(each, before[each.contact_id, each.channel])]


def _is_dead(each: _Marked, marks: Sequence[tuple[Instant, str]]) -> bool:
    lifted = max((at for at, mark in marks if mark == Closure.LIFTED), default=0)
    since = max(each.at - DEAD_WITHIN, lifted)
    return any(mark == Closure.DEAD and since <= at < each.at for at, mark in marks)


def _tell(connection: sa.Connection, words: Sequence[tuple[int, str, Instant, str]], now: Instant) -> int:
    """Write opt-outs, (contact, list, instant, source), and cancel what they call back; returns how many were new."""
    if not words:
        return 0
    rows = [(n, id_, "", list_, at, UNSUBSCRIBED, source, "", "") for n, (id_, list_, at, source) in enumerate(words)]
    added = tell_words(connection, list(rows), now)
    cancel_opted_out(connection, now, intent.c.contact_id.in_({word[0] for word in words}))
    return added


def _close(connection: sa.Connection, rows: Sequence[tuple[int, str, str, Instant]]) -> int:
    """Close channels to contacts, and cancel what waits to be sent there; returns how many were open."""
    closed = put_missing(connection, suppression, {row[:2]: row for row in rows}.values())
    if closed:
        cancel_suppressed(connection, max(row[3] for row in rows), intent.c.contact_id.in_({row[0] for row in rows}))
    return closed
