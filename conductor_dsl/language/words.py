"""The words that the grammar knows; all others belong to the vocabulary."""

from __future__ import annotations

SETTINGS = (
    "campaign",
    "list",
    "class",
    "timezone",
    "window",
    "cap",
    "priority",
    "reentry",
    "exit",
    "expires",
    "in_flight",
)
"""What may stand at the head of a conversation."""

ITEMS = ("when", "on", "conversation", "field", "event", "segment", "test")
"""What may begin something in a file."""

PARTS = ("thread", "when", "on")
"""What may begin something in a conversation, beside settings."""

KEPT = frozenset({"conversation", "thread"})
"""Words that begin something wherever they stand."""

RESERVED = frozenset({"and", "or", "not", "in", "true", "false", "event", "today", "now", "known"})
"""Words with a meaning in every condition, which can name neither a field nor a segment."""
