"""The tables of the first programs: contacts, consent, conversations, runs, messages and the digest for the staff."""

from __future__ import annotations

from alembic import op

from conductor_dsl.store.migrations.before_counting import Patches

revision = "r01"
down_revision = None
additive = False

_CONTACT = """
    id {dealt} NOT NULL, key TEXT NOT NULL, email TEXT, email_state TEXT DEFAULT 'missing' NOT NULL, mobile TEXT,
    mobile_state TEXT DEFAULT 'missing' NOT NULL, first_name TEXT, last_name TEXT, zone TEXT,
    fields TEXT DEFAULT '{{}}' NOT NULL, order_count INTEGER DEFAULT '0' NOT NULL,
    total_cents BIGINT DEFAULT '0' NOT NULL, first_order_at BIGINT, last_order_at BIGINT, updated_at BIGINT NOT NULL,
    PRIMARY KEY (id), UNIQUE (key)"""
_VERSION = """
    id {dealt} NOT NULL, conversation_id {id} NOT NULL, number INTEGER NOT NULL, hash TEXT NOT NULL,
    source TEXT NOT NULL, flow TEXT NOT NULL, messages TEXT NOT NULL, published_at BIGINT NOT NULL, PRIMARY KEY (id),
    UNIQUE (conversation_id, number), FOREIGN KEY (conversation_id) REFERENCES conversation (id)"""
_MESSAGE = """
    id {dealt} NOT NULL, hash TEXT NOT NULL, channel TEXT NOT NULL, name TEXT NOT NULL, subject TEXT NOT NULL,
    preheader TEXT NOT NULL, body TEXT NOT NULL, sender TEXT NOT NULL, reply_to TEXT NOT NULL,
    constants TEXT NOT NULL, paths TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (hash)"""
_THREAD = """
    id {dealt} NOT NULL, conversation_id {id} NOT NULL, name TEXT NOT NULL, looked_at BIGINT, next_check_at BIGINT,
    PRIMARY KEY (id), UNIQUE (conversation_id, name), FOREIGN KEY (conversation_id) REFERENCES conversation (id)"""
_RUN = """
    contact_id {id} NOT NULL, conversation_id {id} NOT NULL, entry_no INTEGER NOT NULL, version_id {id} NOT NULL,
    step INTEGER NOT NULL, visit INTEGER DEFAULT '0' NOT NULL, state TEXT NOT NULL, due_at BIGINT,
    entered_at BIGINT NOT NULL, ended_at BIGINT, reason TEXT, payload TEXT,
    PRIMARY KEY (contact_id, conversation_id, entry_no)"""
_INTENT = """
    contact_id {id} NOT NULL, conversation_id {id} NOT NULL, entry_no INTEGER NOT NULL, step INTEGER NOT NULL,
    visit INTEGER NOT NULL, version_id {id} NOT NULL, message_id {id} NOT NULL, channel TEXT NOT NULL,
    list TEXT NOT NULL, sender TEXT NOT NULL, address TEXT NOT NULL, "values" TEXT NOT NULL, created_at BIGINT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER DEFAULT '0' NOT NULL, not_before BIGINT NOT NULL, expires_at BIGINT NOT NULL,
    claimed_by TEXT, lease_until BIGINT, settled_at BIGINT, provider_id TEXT, reason TEXT,
    PRIMARY KEY (contact_id, conversation_id, entry_no, step, visit)"""
_HISTORY = """
    contact_id {id} NOT NULL, at BIGINT NOT NULL, conversation_id {id} NOT NULL, entry_no INTEGER NOT NULL,
    step INTEGER NOT NULL, kind TEXT NOT NULL, reason TEXT,
    PRIMARY KEY (contact_id, at, conversation_id, entry_no, step, kind)"""
_CONSENT = """
    contact_id {id} NOT NULL, list TEXT NOT NULL, at BIGINT NOT NULL, action TEXT NOT NULL,
    source TEXT DEFAULT '' NOT NULL, shown_text TEXT DEFAULT '' NOT NULL, proof TEXT DEFAULT '' NOT NULL,
    stored_at BIGINT, PRIMARY KEY (contact_id, list, at, action)"""
_NODE = "id TEXT NOT NULL, pid INTEGER NOT NULL, bell_port INTEGER NOT NULL, PRIMARY KEY (id)"
_NOTICE = """
    address TEXT NOT NULL, sender TEXT NOT NULL, zone TEXT NOT NULL, told_until BIGINT NOT NULL, due_at BIGINT NOT NULL,
    PRIMARY KEY (address)"""


def upgrade() -> None:
    """Make what is missing."""
    db = Patches(op.get_bind())
    _contacts(db)
    _conversations(db)
    _machinery(db)


def _contacts(db: Patches) -> None:
    db.create("contact", _CONTACT, kept_in_key=False)
    db.create(
        "orders",
        "contact_id {id} NOT NULL, key TEXT NOT NULL, at BIGINT NOT NULL, total_cents BIGINT NOT NULL, "
        "items TEXT DEFAULT '[]' NOT NULL, PRIMARY KEY (contact_id, key)",
    )
    db.create(
        "event",
        "contact_id {id} NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL, "
        "payload TEXT DEFAULT '{{}}' NOT NULL, PRIMARY KEY (contact_id, key)",
    )
    db.create("consent", _CONSENT)
    db.add("consent", "stored_at", "BIGINT")
    db.create(
        "membership",
        "contact_id {id} NOT NULL, list TEXT NOT NULL, state TEXT NOT NULL, since_at BIGINT NOT NULL, "
        "PRIMARY KEY (contact_id, list)",
    )
    db.create(
        "suppression",
        "contact_id {id} NOT NULL, channel TEXT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL, "
        "PRIMARY KEY (contact_id, channel)",
    )
    db.index("contact_updated", "contact", "updated_at")
    db.index("contact_last_order", "contact", "last_order_at")


def _conversations(db: Patches) -> None:
    conversation = "id {dealt} NOT NULL, name TEXT NOT NULL, live_version_id {id}, PRIMARY KEY (id), UNIQUE (name)"
    db.create("conversation", conversation, kept_in_key=False)
    db.create("conversation_version", _VERSION, kept_in_key=False)
    db.create("message", _MESSAGE, kept_in_key=False)
    db.create("thread", _THREAD, kept_in_key=False)
    db.create("audience", "contact_id {id} NOT NULL, thread_id {id} NOT NULL, PRIMARY KEY (contact_id, thread_id)")
    db.create("run", _RUN)
    db.create("intent", _INTENT)
    db.create("history", _HISTORY)
    db.index("run_one_open", "run", "contact_id, conversation_id", "ended_at IS NULL", unique=True)
    db.index("run_due", "run", "version_id, step, due_at", "due_at IS NOT NULL")


def _machinery(db: Patches) -> None:
    if "seen_at" in db.columns.get("node", {}):
        db.drop("node")  # its rows are of nodes that are gone
    db.create("node", _NODE, kept_in_key=False)
    if "notice" in db.columns and "zone" not in db.columns["notice"]:
        db.drop("notice")  # the next publication knows whom to tell, and by which clock
    db.create("notice", _NOTICE, kept_in_key=False)
