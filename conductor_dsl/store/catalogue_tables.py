"""The tables of products and carts: what the shop sells, who is interested in it, and what lies in whose cart."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.store.tables import At, Id, JsonText, metadata

product = sa.Table(
    "product",
    metadata,
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("price_cents", At),
    sa.Column("stock", sa.Integer),
    sa.Column("url", sa.Text, nullable=False, server_default=""),
    sa.Column("image", sa.Text, nullable=False, server_default=""),
    sa.Column("lasts", At),
    sa.Column("fields", JsonText, nullable=False, server_default="{}"),
    sa.Column("updated_at", At, nullable=False),
    sqlite_with_rowid=False,
)
"""The catalogue as last imported. `lasts` is how long one piece lasts, in milliseconds, for reminders to buy again. A
stock that nobody has told is NULL."""

product_change = sa.Table(
    "product_change",
    metadata,
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("at", At, nullable=False),
    sa.Column("before", At),
    sa.Column("after", At, nullable=False),
    sa.Column("told_since", At, nullable=False, server_default="-1"),
    sa.Column("told_contact", Id, nullable=False, server_default="0"),
    sa.Column("told_kind", sa.Text, nullable=False, server_default=""),
    sa.Column("entered", JsonText, nullable=False, server_default="{}"),
    sa.Index("product_change_at", "at"),
    sqlite_with_rowid=False,
)
"""What an import changed about a product, until everybody who watches it has been told.

`kind` is `back_in_stock` or `low_stock` (pieces; `before` is NULL where none had been told) or `price_drop`
(hundredths). `told_since`, `told_contact` and `told_kind` are the watch that was told last, in that order; `entered` is
how many have entered so far, by the id of the thread.
"""

watch = sa.Table(
    "watch",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("since_at", At, nullable=False),
    sa.Column("price_cents", At),
    sa.Index("watch_sku", "sku", "since_at", "contact_id", "kind"),
    sqlite_with_rowid=False,
)
"""Who is interested in which product, since when, and at which price: `kind` is `asked` (signed up to be told),
`viewed` or `carted`. Whoever buys it is interested no longer."""

cart = sa.Table(
    "cart",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("at", At, nullable=False),
    sa.Column("total_cents", At, nullable=False),
    sa.Column("items", JsonText, nullable=False, server_default="[]"),
    sa.Column("url", sa.Text, nullable=False, server_default=""),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Index("cart_at", "at"),
    sqlite_with_rowid=False,
)
"""Shopping carts as last touched (`at`); one that was emptied or ordered is no longer open."""

cart_item = sa.Table(
    "cart_item",
    metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("cart_key", sa.Text, primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Which products lie in which cart."""
