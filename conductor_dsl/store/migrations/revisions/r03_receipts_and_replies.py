"""Receipts that come later, replies, lanes, paces, closed addresses, erasures, rules of lists; keys with a secret.

Messages that were on their way when the last node of an older version ended are held as ambiguous: their provider knows
them by keys that nobody makes any more, and to ask for them by the new ones would look as if they had never arrived.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from conductor_dsl.shared.ids import new_secret
from conductor_dsl.store.migrations.before_counting import Patches

revision = "r03"
down_revision = "r02"
additive = False

_NUMBER = 2
"""What programs from before revisions were counted expect in `installation`."""
_LANES = ("transactional", "alert", "marketing")

_PARCEL = """
    provider_id TEXT NOT NULL, contact_id {id} NOT NULL, conversation_id {id} NOT NULL, entry_no INTEGER NOT NULL,
    step INTEGER NOT NULL, visit INTEGER NOT NULL, PRIMARY KEY (provider_id)"""
_ERASED = """
    contact_id {id} NOT NULL, key_digest TEXT NOT NULL, email_digest TEXT NOT NULL, mobile_digest TEXT NOT NULL,
    at BIGINT NOT NULL, PRIMARY KEY (contact_id), UNIQUE (key_digest)"""
_LIST_RULE = """
    list TEXT NOT NULL, channel TEXT NOT NULL, sender TEXT NOT NULL, message_id {id}, "values" TEXT NOT NULL,
    min_age INTEGER NOT NULL, birth TEXT NOT NULL, PRIMARY KEY (list)"""
_LOST = "state IN ('undelivered', 'rejected', 'expired', 'dead')"


def upgrade() -> None:
    """Make what is missing; hold what had left under an old key."""
    db = Patches(op.get_bind())
    _installation(db)
    _messages(db)
    _what_is_heard(db)
    _addresses(db)


def _installation(db: Patches) -> None:
    made = db.create(
        "installation", "number {number} NOT NULL, secret TEXT NOT NULL, PRIMARY KEY (number)", kept_in_key=False
    )
    if made:
        row = {"number": _NUMBER, "secret": new_secret()}
        db.connection.execute(sa.text("INSERT INTO installation VALUES (:number, :secret)"), row)
        db.connection.exec_driver_sql(
            "UPDATE intent SET state = 'ambiguous', reason = 'outcome_unknown', claimed_by = NULL, lease_until = NULL "
            "WHERE settled_at IS NULL AND state = 'sending'"
        )
    db.drop("schema_version")


def _messages(db: Patches) -> None:
    if db.add("intent", "lane", "SMALLINT DEFAULT '2' NOT NULL"):
        _fill_lanes(db)
    if db.add("intent", "due_at", "BIGINT DEFAULT '0' NOT NULL"):
        db.connection.exec_driver_sql("UPDATE intent SET due_at = created_at WHERE settled_at IS NULL")
    db.add("run", "missed_at", "BIGINT")
    db.index("intent_open", "intent", "state, lane, not_before", "settled_at IS NULL")
    db.index("intent_lost", "intent", "settled_at", _LOST)
    db.create("parcel", _PARCEL)
    db.create("pace", "sender TEXT NOT NULL, free_at BIGINT NOT NULL, PRIMARY KEY (sender)")


def _fill_lanes(db: Patches) -> None:
    """Messages that wait leave by the class of their conversation."""
    put = sa.text("UPDATE intent SET lane = :lane WHERE version_id = :id AND settled_at IS NULL")
    for row in db.connection.execute(sa.text("SELECT id, flow FROM conversation_version")).all():
        lane = _LANES.index(json.loads(row.flow)["settings"]["message_class"])
        db.connection.execute(put, {"lane": lane, "id": row.id})


def _what_is_heard(db: Patches) -> None:
    db.create(
        "inbox",
        "key TEXT NOT NULL, kind TEXT NOT NULL, heard_at BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (key)",
    )
    db.create(
        "code",
        "number TEXT NOT NULL, scope TEXT NOT NULL, answers TEXT NOT NULL, PRIMARY KEY (number)",
        kept_in_key=False,
    )
    db.create("list_rule", _LIST_RULE, kept_in_key=False)
    db.index("inbox_heard", "inbox", "heard_at")
    db.index("contact_mobile", "contact", "mobile", "mobile IS NOT NULL")


def _addresses(db: Patches) -> None:
    db.create(
        "address_mark",
        "contact_id {id} NOT NULL, channel TEXT NOT NULL, at BIGINT NOT NULL, mark TEXT NOT NULL, "
        "PRIMARY KEY (contact_id, channel, at, mark)",
    )
    db.create(
        "closed_address",
        "digest TEXT NOT NULL, channel TEXT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL, "
        "PRIMARY KEY (digest, channel, reason)",
    )
    db.create("erased", _ERASED)
