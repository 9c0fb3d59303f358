"""Messages as rows of a table of their own, one for each dispatch key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.api import Outgoing, Receipt, Verdict, ensure_tables, header_problem

_NAMES = ("key", "channel", "to", "sender", "subject", "text", "html", "contact", "conversation", "step")
"""The columns, which are named as the attributes of a message; one more has the addresses of its pictures."""
_texts = attrgetter(*_NAMES)
_MEDIA = "media"
_KEYS_PER_QUERY = 500

development_message = sa.Table(
    "development_message",
    sa.MetaData(),
    *(sa.Column(name, sa.Text, primary_key=name == "key", nullable=False) for name in (*_NAMES, _MEDIA)),
    sqlite_with_rowid=False,
)


class DevelopmentProvider:
    """Keeps every message in the project's database; `echo` prints a line for each, or is None."""

    def __init__(self, engine: sa.Engine, echo: Callable[[str], None] | None) -> None:
        self._engine = engine
        self._echo = echo
        ensure_tables(engine, development_message.metadata)

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Write the batch in one transaction; a key that is there already stays as it is, and counts as accepted."""
        problems = {message.key: problem for message in batch if (problem := _problem(message))}
        good = [message for message in batch if message.key not in problems]
        if good:
            with self._engine.begin() as connection:
                _insert(connection, good)
        if self._echo is not None:
            for message in good:
                self._echo(_line(message))
        return [_receipt(message.key, problems.get(message.key)) for message in batch]

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt]:
        """A receipt for every key that is in the table."""
        column = development_message.c.key
        found: dict[str, Receipt] = {}
        with self._engine.connect() as connection:
            for some in _chunks(keys):
                for key in connection.scalars(sa.select(column).where(column.in_(some))):
                    found[key] = _receipt(key, None)
        return found

    def close(self) -> None:
        """Nothing to let go of: the engine is the project's."""


def forget(engine: sa.Engine, keys: Sequence[str]) -> None:
    """Delete messages."""
    if not sa.inspect(engine).has_table(development_message.name):
        return
    with engine.begin() as connection:
        for some in _chunks(keys):
            connection.execute(sa.delete(development_message).where(development_message.c.key.in_(some)))


def _insert(connection: sa.Connection, batch: Sequence[Outgoing]) -> None:
    """Give the rows to the driver as they are, which takes half the time of an insert by SQLAlchemy."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    once = insert(development_message).on_conflict_do_nothing(index_elements=["key"])
    compiled = once.compile(dialect=connection.dialect)
    rows = [(*_texts(message), "\n".join(message.media)) for message in batch]
    given = rows if compiled.positional else [dict(zip((*_NAMES, _MEDIA), row, strict=True)) for row in rows]
    connection.exec_driver_sql(str(compiled), given)


def _problem(message: Outgoing) -> str | None:
    content = message.subject + message.text + message.html
    if "\0" in content or (not content.isascii() and _has_surrogate(content)):
        return "the text has characters that a database cannot store"
    return header_problem(message)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _receipt(key: str, problem: str | None) -> Receipt:
    if problem is not None:
        return Receipt(key, Verdict.REJECTED, code="unusable", detail=problem)
    return Receipt(key, Verdict.ACCEPTED, provider_id=f"development-{key}")


def _line(message: Outgoing) -> str:
    what = " ".join((message.subject or message.text).split())
    short = what if len(what) <= 60 else f"{what[:59]}…"
    pictures = (
        f" (with {len(message.media)} pictures)" if len(message.media) > 1 else " (with a picture)" * len(message.media)
    )
    return f"{message.channel:<5} to {message.to}  {message.step}: {short}{pictures}"


def _chunks(keys: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while some := list(islice(rest, _KEYS_PER_QUERY)):
        yield some
