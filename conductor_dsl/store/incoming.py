"""Temporary tables for imported rows, and what every kind of import does with them first.

They are made when an import begins, for only imports need them. A row's `number` is its place in the batch.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from conductor_dsl.store.batches import fill
from conductor_dsl.store.tables import At, Id, JsonText, contact

_metadata = sa.MetaData()
_TEMPORARY = ["TEMPORARY"]

incoming_contact = sa.Table(
    "incoming_contact",
    _metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("email", sa.Text),
    sa.Column("email_state", sa.Text),
    sa.Column("mobile", sa.Text),
    sa.Column("mobile_state", sa.Text),
    sa.Column("first_name", sa.Text),
    sa.Column("last_name", sa.Text),
    sa.Column("zone", sa.Text),
    sa.Column("fields", JsonText, nullable=False),
    sa.Column("bucket", sa.Integer, nullable=False),
    prefixes=_TEMPORARY,
)
"""NULL leaves what is stored, the empty text clears it; `fields` is merged in, and a JSON null in it clears."""

incoming_order = sa.Table(
    "incoming_order",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("contact_id", Id),
    sa.Column("contact_key", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sa.Column("total_cents", At, nullable=False),
    sa.Column("items", JsonText, nullable=False),
    sa.Column("payload", JsonText, nullable=False),
    prefixes=_TEMPORARY,
)

incoming_order_item = sa.Table(
    "incoming_order_item",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("quantity", sa.Integer, nullable=False),
    prefixes=_TEMPORARY,
)

incoming_product = sa.Table(
    "incoming_product",
    _metadata,
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("price_cents", At),
    sa.Column("stock", sa.Integer),
    sa.Column("url", sa.Text),
    sa.Column("image", sa.Text),
    sa.Column("lasts", At),
    sa.Column("fields", JsonText, nullable=False),
    sa.Column("relasts", sa.Boolean, nullable=False),
    prefixes=_TEMPORARY,
)
"""NULL leaves what is stored, the empty text or `store.products.CLEARED` takes it back; `fields` is merged in."""

incoming_cart = sa.Table(
    "incoming_cart",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("contact_id", Id),
    sa.Column("contact_key", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sa.Column("total_cents", At, nullable=False),
    sa.Column("items", JsonText, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    prefixes=_TEMPORARY,
)

incoming_cart_item = sa.Table(
    "incoming_cart_item",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sku", sa.Text, primary_key=True),
    prefixes=_TEMPORARY,
)

incoming_event = sa.Table(
    "incoming_event",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("contact_key", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sa.Column("payload", JsonText, nullable=False),
    prefixes=_TEMPORARY,
)

incoming_text = sa.Table(
    "incoming_text",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("mobile", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sa.Column("payload", JsonText, nullable=False),
    prefixes=_TEMPORARY,
)

incoming_coupon = sa.Table(
    "incoming_coupon",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("pool", sa.Text, nullable=False),
    sa.Column("expires_at", At, nullable=False),
    sa.Column("last_day", sa.Text),
    prefixes=_TEMPORARY,
)

incoming_consent = sa.Table(
    "incoming_consent",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("contact_id", Id),
    sa.Column("contact_key", sa.Text, nullable=False),
    sa.Column("list", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("shown_text", sa.Text, nullable=False),
    sa.Column("proof", sa.Text, nullable=False),
    prefixes=_TEMPORARY,
)


def take(connection: sa.Connection, table: sa.Table, rows: list[tuple[object, ...]]) -> None:
    """Put rows (values in the order of the columns) into one of these tables, in place of what it held."""
    connection.execute(CreateTable(table, if_not_exists=True))
    fill(connection, table, rows)


def take_for_contacts(connection: sa.Connection, table: sa.Table, rows: list[tuple[object, ...]]) -> set[int]:
    """Take rows that belong to contacts (`contact_id` None as yet), find these and lock them.

    Returns the numbers of the rows whose contact does not exist.
    """
    take(connection, table, rows)
    same = sa.select(contact.c.id).where(contact.c.key == table.c.contact_key).scalar_subquery()
    connection.execute(sa.update(table).values(contact_id=same))
    lock_contacts(connection, contact.c.id.in_(sa.select(table.c.contact_id)))
    return set(connection.scalars(sa.select(table.c.number).where(table.c.contact_id.is_(None))))


def lock_contacts(connection: sa.Connection, who: sa.ColumnElement[bool]) -> None:
    """Keep other imports, passes and looks away from these contacts until the transaction ends.

    They are locked in one order, so that no two imports wait for each other. SQLite has one writer at a time and needs
    no lock.
    """
    if connection.dialect.name != "sqlite":
        locked = sa.select(contact.c.id).where(who).order_by(contact.c.id).with_for_update(key_share=True)
        connection.execute(sa.select(sa.func.count()).select_from(locked.subquery()))


def adding_contacts(connection: sa.Connection) -> None:
    """Keep others from adding contacts until the transaction ends; SQLite has one writer at a time anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADDING)))


_ADDING = 4_115_224_011
