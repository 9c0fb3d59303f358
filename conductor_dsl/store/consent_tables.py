"""Tables about addresses: what was heard of them, and which are closed whoever has them."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.store.tables import At, Id, metadata

address_mark = sa.Table(
    "address_mark",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("at", At, primary_key=True, autoincrement=False),
    sa.Column("mark", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""What receipts and people have told of the address of a contact, and when; only ever added to."""

erased = sa.Table(
    "erased",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("key_digest", sa.Text, nullable=False, unique=True),
    sa.Column("email_digest", sa.Text, nullable=False),
    sa.Column("mobile_digest", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sqlite_with_rowid=False,
)
"""Who has been erased: by the digest of an address that somebody names, what is left in the ledger can be found."""

list_rule = sa.Table(
    "list_rule",
    metadata,
    sa.Column("list", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("message_id", Id),
    sa.Column("values", sa.Text, nullable=False),
    sa.Column("min_age", sa.Integer, nullable=False),
    sa.Column("birth", sa.Text, nullable=False),
)
"""What lists ask of those who join, as `conductor.toml` had it at the latest publication or import. `channel` is how
they are asked once more, empty where they are not; `message_id` and `values` are what asks."""

closed_address = sa.Table(
    "closed_address",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, primary_key=True),
    sa.Column("at", At, nullable=False),
    sqlite_with_rowid=False,
)
"""Addresses that get nothing, whoever has them, by `program.states.Closure`. They are kept as hashes with the secret of
the database: so an address can be recognized when it comes again, and cannot be read."""
