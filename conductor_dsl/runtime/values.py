"""The values that a template reads: taken by SQL when the intent is written, given to the template when it is rendered.

An intent carries them as a JSON array in the order of the template's paths, so every attempt renders the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.json_sql import json_list, json_member

UNSUBSCRIBE_URL = "unsubscribe_url"
"""Its value is the key of the contact; the address round it is a constant of the message."""
UNSUBSCRIBE_TO = "unsubscribe_to"
"""The constant of a message that names the address to which people may write to leave its list."""
CONFIRM_LINK = "confirm_link"
"""The constant of a message that asks for a second yes: the address, with {token} for who says it to which list."""
EMAIL = "email"


def values_to_sql(paths: Iterable[str], facts: SqlFacts) -> sa.ColumnElement[str]:
    """The JSON array of the values at `paths` for a contact."""
    return json_list(*(_value(path, facts) for path in paths))


def _value(path: str, facts: SqlFacts) -> sa.ColumnElement[Any]:
    first, *rest = path.split(".")
    if path == UNSUBSCRIBE_URL:
        return facts.contact.c.key
    if first == "event":
        return reduce(json_member, rest, facts.payload)  # type: ignore[arg-type]
    if first == "contact" and rest:
        first, *rest = rest
    if first in facts.contact.c and not rest:
        state = facts.contact.c.get(f"{first}_state")
        column = facts.contact.c[first]
        return column if state is None else sa.case((state == "valid", column))
    return reduce(json_member, [first, *rest], facts.contact.c.fields)
