"""Every table. The key of every hot table starts with the contact, so that it can be distributed by contact.

Instants are milliseconds since 1970, money is in hundredths, JSON is stored as text. States are words, so that the
database can be read with any tool.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
At = sa.BigInteger
JsonText = sa.Text

FREE, GIVEN = sa.text("contact_id IS NULL"), sa.text("contact_id IS NOT NULL")

REACHED = sa.text("mobile IS NOT NULL")
"""Those who may text us, in the words of their index."""

contact = sa.Table(
    "contact",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("email", sa.Text),
    sa.Column("email_state", sa.Text, nullable=False, server_default="missing"),
    sa.Column("mobile", sa.Text),
    sa.Column("mobile_state", sa.Text, nullable=False, server_default="missing"),
    sa.Column("first_name", sa.Text),
    sa.Column("last_name", sa.Text),
    sa.Column("zone", sa.Text),
    sa.Column("fields", JsonText, nullable=False, server_default="{}"),
    sa.Column("bucket", sa.Integer, nullable=False, server_default="0"),
    sa.Column("order_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("total_cents", At, nullable=False, server_default="0"),
    sa.Column("first_order_at", At),
    sa.Column("last_order_at", At),
    sa.Column("updated_at", At, nullable=False),
    sa.Index("contact_updated", "updated_at"),
    sa.Index("contact_last_order", "last_order_at"),
    sa.Index("contact_mobile", "mobile", sqlite_where=REACHED, postgresql_where=REACHED),
)
"""A person.

`updated_at` moves whenever anything known of the person changes, orders and consent included, and with events for which
an audience asks (`runtime.news`). `*_state` is `valid`, `invalid` or `missing`, decided once, at import; an invalid
address is kept as written. A declared phone field in `fields` is its E.164 number, or `{"invalid": "as written"}`.
`bucket` is a hash of the key, by which splits are drawn (`shared.draw`).
"""

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("at", At, nullable=False),
    sa.Column("total_cents", At, nullable=False),
    sa.Column("items", JsonText, nullable=False, server_default="[]"),
    sa.Index("orders_at", "at"),
    sqlite_with_rowid=False,
)

order_item = sa.Table(
    "order_item",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("at", At, primary_key=True, autoincrement=False),
    sa.Column("order_key", sa.Text, primary_key=True),
    sa.Column("quantity", sa.Integer, nullable=False, server_default="1"),
    sa.Index("order_item_sku", "sku", "quantity", "at"),
    sqlite_with_rowid=False,
)
"""What was bought when: the items of the orders that have a `sku`, one row for each sku of an order."""

pool = sa.Table(
    "pool",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("cutoff", sa.Text, nullable=False),
    sa.Column("warn_below", sa.Integer, nullable=False),
    sa.Column("notify", sa.Text, nullable=False),
)
"""The pools of coupon codes as `conductor.toml` had them at the latest publication."""

coupon = sa.Table(
    "coupon",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("pool", sa.Text, nullable=False),
    sa.Column("expires_at", At, nullable=False),
    sa.Column("last_day", sa.Text),
    sa.Column("contact_id", Id),
    sa.Column("conversation_id", Id),
    sa.Column("entry_no", sa.Integer),
    sa.Column("field", sa.Text),
    sa.Column("claimed_at", At),
    sa.Index("coupon_free", "pool", "expires_at", "code", sqlite_where=FREE, postgresql_where=FREE),
    sa.Index("coupon_given", "contact_id", "pool", sqlite_where=GIVEN, postgresql_where=GIVEN),
    sqlite_with_rowid=False,
)
"""Codes by pool; one without a contact is free. A code is given once, to one contact in one run for one field, and
never comes back. `expires_at` is the first instant at which it is worth nothing, `NEVER` for one that does not expire;
`last_day` is the last day on which it is worth something, by the clock of the shop."""

NEVER = 253_402_300_800_000
"""The year 10000: later than anything."""

event = sa.Table(
    "event",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sa.Column("payload", JsonText, nullable=False, server_default="{}"),
    sa.Column("caused_by", Id),
    sa.Index("event_at", "at"),
    sqlite_with_rowid=False,
)
"""What happened to whom. `caused_by` is the conversation whose step did it, if one did."""

happening = sa.Table(
    "happening",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sa.Column("payload", JsonText, nullable=False),
    sa.Column("caused_by", Id),
    sa.Index("happening_at", "at"),
    sqlite_with_rowid=False,
)
"""Events that arose inside the engine and have not taken effect yet: once they have, they are rows of `event`.

`caused_by` is the conversation whose step did it, if it was one."""

consent = sa.Table(
    "consent",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("list", sa.Text, primary_key=True),
    sa.Column("at", At, primary_key=True),
    sa.Column("action", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
    sa.Column("shown_text", sa.Text, nullable=False, server_default=""),
    sa.Column("proof", sa.Text, nullable=False, server_default=""),
    sa.Column("stored_at", At),
    sqlite_with_rowid=False,
)
"""The ledger of who agreed to what, when and how; only ever added to. `action` is `subscribed`, `confirmed` for a yes
that needs no second one, or `unsubscribed`.

`at` is when the contact said it, `stored_at` when we heard of it: from then on it is kept."""

membership = sa.Table(
    "membership",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("list", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("since_at", At, nullable=False),
    sa.Index("membership_since", "since_at"),
    sqlite_with_rowid=False,
)
"""The latest word of the ledger for each contact and list."""

EVERY_LIST = "*"
"""The list that stands for every list. Who unsubscribes from it is unsubscribed from every list agreed to before, and
from those never agreed to; what is agreed to later counts."""
NO_LIST = ""
"""The list of what goes to programs, and of answers of the engine's own: nobody's consent is asked."""
TEXTS_FROM = "sms:"
"""How the lists begin that stand for texts of many lists; no list of a project is called so."""
EVERY_TEXT = "sms:*"
"""The list that stands for every text, whatever its list: who texts STOP leaves it."""
UNDECIDED_TEXT = "sms:?"
"""The list that those leave whose text nobody has understood: they get none until a person has read it."""
SYSTEM = 0
"""The conversation of the engine's own answers: its entries are numbered by contact, and have no runs."""


def texts_from(code: str) -> str:
    """The list that stands for every text from a code."""
    return TEXTS_FROM + code


suppression = sa.Table(
    "suppression",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sqlite_with_rowid=False,
)

conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("live_version_id", Id),
)
"""`live_version_id` is None once a conversation has been retired."""

version = sa.Table(
    "conversation_version",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("flow", JsonText, nullable=False),
    sa.Column("messages", JsonText, nullable=False),
    sa.Column("published_at", At, nullable=False),
    sa.UniqueConstraint("conversation_id", "number"),
)
"""A published flow, never changed. `messages` maps the numbers of sending steps to message ids."""

step = sa.Table(
    "step",
    metadata,
    sa.Column("version_id", Id, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""The names of the steps of every version, for conditions that ask for a message by the name of its step."""

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("preheader", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("reply_to", sa.Text, nullable=False),
    sa.Column("media", JsonText, nullable=False, server_default="[]"),
    sa.Column("constants", JsonText, nullable=False),
    sa.Column("paths", JsonText, nullable=False),
)
"""A template as it was when published, with the constants it reads, never changed. `paths` are the variables whose
values an intent carries, in order; `media` the addresses of its pictures. For a webhook `body` is a JSON object with
the types of what is told, and an intent carries the values as an object."""

thread = sa.Table(
    "thread",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("looked_at", At),
    sa.Column("next_check_at", At),
    sa.Column("occurred_at", At),
    sa.Column("reached_id", Id),
    sa.UniqueConstraint("conversation_id", "name"),
)
"""A thread that anything lets in. `looked_at` is when those whom it concerns were last looked at as a whole,
`next_check_at` when they are looked at again. `occurred_at` is the latest occurrence of a recurring thread that was
begun, `reached_id` the last contact it has come to; None once it has come to all."""

audience = sa.Table(
    "audience",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("thread_id", Id, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Who was inside a standing audience when it was last looked at."""

entry_mark = sa.Table(
    "entry_mark",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("thread_id", Id, primary_key=True, autoincrement=False),
    sa.Column("thing", sa.Text, primary_key=True),
    sa.Column("mark", At, nullable=False),
    sa.Column("due_at", At),
    sqlite_with_rowid=False,
)
"""The chance of a contact to enter a thread by a thing, so that nothing lets it in twice.

The thing is a product or a cart. `mark` is what the chance comes from: the latest touch of the cart, the latest
purchase or change of the product, or the price that was told last. `due_at` is when the chance comes; NULL once it has
come.
"""

PENDING = sa.text("due_at IS NOT NULL")
sa.Index(
    "entry_mark_due",
    entry_mark.c.thread_id,
    entry_mark.c.due_at,
    sqlite_where=PENDING,
    postgresql_where=PENDING,
)

run = sa.Table(
    "run",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", Id, primary_key=True, autoincrement=False),
    sa.Column("entry_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version_id", Id, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False, server_default="0"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", At),
    sa.Column("entered_at", At, nullable=False),
    sa.Column("ended_at", At),
    sa.Column("reason", sa.Text),
    sa.Column("payload", JsonText),
    sa.Column("awaits", At),
    sa.Column("missed_at", At),
    sqlite_with_rowid=False,
)
"""One contact's pass through a conversation: states in `program.states`. `visit` counts the jumps it has made,
and the times it was moved to another version. `awaits` is the instant after which an event ends the wait of a run that
stands at a step which waits for one, due when time is up; NULL for every other run. `missed_at` is when a run should
have sent that now waits for its window because the engine stood still; NULL for every other run."""

OPEN = sa.text("ended_at IS NULL")
sa.Index("run_one_open", run.c.contact_id, run.c.conversation_id, unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
DUE = sa.text("due_at IS NOT NULL")
sa.Index("run_due", run.c.version_id, run.c.step, run.c.due_at, sqlite_where=DUE, postgresql_where=DUE)

intent = sa.Table(
    "intent",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", Id, primary_key=True, autoincrement=False),
    sa.Column("entry_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("visit", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version_id", Id, nullable=False),
    sa.Column("message_id", Id, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("list", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("values", JsonText, nullable=False),
    sa.Column("created_at", At, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lane", sa.SmallInteger, nullable=False, server_default="2"),
    sa.Column("due_at", At, nullable=False, server_default="0"),
    sa.Column("not_before", At, nullable=False),
    sa.Column("expires_at", At, nullable=False),
    sa.Column("claimed_by", sa.Text),
    sa.Column("lease_until", At),
    sa.Column("settled_at", At),
    sa.Column("provider_id", sa.Text),
    sa.Column("reason", sa.Text),
)
"""The outbox. On SQLite its rows lie in the order of their coming: each is written three times, and in the order of
their keys every writing would move others. The primary key is the dispatch key before hashing; `values` is what the
template reads, fixed when the intent is written, so that every attempt renders the same bytes; `lane` is one of
`states.Lane`. `due_at` is when it should have been written; the engine may have stood still."""

UNSETTLED = sa.text("settled_at IS NULL")
_WAITING = (intent.c.state, intent.c.lane, intent.c.not_before)
sa.Index("intent_open", *_WAITING, sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)

LOST = sa.text("(state = 'undelivered' OR state = 'rejected' OR state = 'expired' OR state = 'dead')")
"""The messages of which the staff is told; a query for them says so in these words, by which SQLite knows the index.
Of an IN in the condition of an index SQLite would make a table, anew for each row that is written."""
LOST_IN = sa.text("state IN ('undelivered', 'rejected', 'expired', 'dead')")
sa.Index("intent_lost", intent.c.settled_at, sqlite_where=LOST, postgresql_where=LOST_IN)

history = sa.Table(
    "history",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("at", At, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", Id, primary_key=True, autoincrement=False),
    sa.Column("entry_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (at)",
)
"""What happened to whom, and why; only ever added to. Step -1 is the run as a whole. Kinds in `program.states`. On
PostgreSQL each month has a table of its own (`store.months`)."""

TOLD = sa.text("(kind = 'skipped' OR kind = 'noted' OR kind = 'coupon' OR kind = 'no_coupon')")
"""The history of which the staff is told, in the words of its index."""
TOLD_IN = sa.text("kind IN ('skipped', 'noted', 'coupon', 'no_coupon')")
sa.Index("history_told", history.c.kind, history.c.at, sqlite_where=TOLD, postgresql_where=TOLD_IN)
