"""Tables of the machinery: who is told, which nodes run, and whose tables these are."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.store.tables import At, Id, JsonText, metadata

notice = sa.Table(
    "notice",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("told_until", At, nullable=False),
    sa.Column("due_at", At, nullable=False),
)
"""A member of the staff who is told once a day what became of messages."""

node = sa.Table(
    "node",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("bell_port", sa.Integer, nullable=False),
)
"""A running node, and the loopback port on which it hears that there is new work."""

clock = sa.Table(
    "clock",
    metadata,
    sa.Column("node", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sa.Column("skew", At, nullable=False),
)
"""How late it was when a node last did something, and by how many milliseconds its machine's clock is ahead then.

No node takes it for earlier than the latest `at`."""

installation = sa.Table(
    "installation",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
)
"""One row: the generation of these tables (`standing.GENERATION`), and what makes keys and links of this database its
own."""

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("heard_at", At, nullable=False),
    sa.Column("data", JsonText, nullable=False),
    sa.Index("inbox_heard", "heard_at"),
    sqlite_with_rowid=False,
)
"""What providers have told and nobody has looked at yet; it is empty most of the time."""

parcel = sa.Table(
    "parcel",
    metadata,
    sa.Column("provider_id", sa.Text, primary_key=True),
    sa.Column("contact_id", Id, nullable=False),
    sa.Column("conversation_id", Id, nullable=False),
    sa.Column("entry_no", sa.Integer, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Which message is meant by a provider's own name for it, for providers who later tell only that."""

code = sa.Table(
    "code",
    metadata,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("answers", sa.Text, nullable=False),
)
"""The codes as `conductor.toml` had them at the latest publication. `scope` is what a STOP ends, one of
`vocabulary.REVOKES`; `answers` maps meanings of texts to the messages that answer them, as JSON."""

pace = sa.Table(
    "pace",
    metadata,
    sa.Column("sender", sa.Text, primary_key=True),
    sa.Column("free_at", At, nullable=False),
    sqlite_with_rowid=False,
)
"""When each sender with a rate has sent what it may, in microseconds."""

recovery = sa.Table(
    "recovery",
    metadata,
    sa.Column("number", Id, primary_key=True),
    sa.Column("since_at", At, nullable=False),
    sa.Column("until_at", At, nullable=False),
    sa.Column("ended_at", At),
    sa.Column("era", sa.Integer),
)
"""The times that were lost when a backup was put back, and that `conductor recover` has gone through again.

Nobody knows what was entered between `since_at` and `until_at`. While `ended_at` is NULL nothing is sent. Runs that
begin later count their visits from `era`, so that their messages have keys that no lost one had.
"""
