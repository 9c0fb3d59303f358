"""JSON inside SQL, once for both databases. JSON is stored as text; names travel as bound values."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class json_member(GenericFunction[str]):  # noqa: N801  (SQL function names are lower case)
    """A member of a JSON object as JSON: `json_member(text, name)`; NULL when it is not there."""

    type = sa.Text()
    inherit_cache = True


class json_word(GenericFunction[str]):  # noqa: N801
    """A text, date or other textual member of a JSON object; NULL when it is anything else."""

    type = sa.Text()
    inherit_cache = True


class json_number(GenericFunction[float]):  # noqa: N801
    """A number member of a JSON object; NULL when it is anything else."""

    type = sa.Float()
    inherit_cache = True


class json_flag(GenericFunction[bool]):  # noqa: N801
    """A boolean member of a JSON object; NULL when it is anything else."""

    type = sa.Boolean()
    inherit_cache = True


class json_list(GenericFunction[str]):  # noqa: N801
    """A JSON array of the arguments, as text."""

    type = sa.Text()
    inherit_cache = True


class json_record(GenericFunction[str]):  # noqa: N801
    """A JSON object of names and plain values in turn, as text: `json_record(name, value, ...)`."""

    type = sa.Text()
    inherit_cache = True


class json_parsed(GenericFunction[str]):  # noqa: N801
    """JSON text as a value inside `json_record` or `json_list`: `json_parsed(text)`."""

    type = sa.Text()
    inherit_cache = True


class json_amount(GenericFunction[str]):  # noqa: N801
    """Hundredths as a number inside `json_record` or `json_list`: 20 or 19.9 of `json_amount(cents)`."""

    type = sa.Text()
    inherit_cache = True


class json_shown(GenericFunction[str]):  # noqa: N801
    """A plain member of a JSON object as a text: `Gold`, `3`, `true`; NULL when it is a list, an object or missing."""

    type = sa.Text()
    inherit_cache = True


class json_names(GenericFunction[str]):  # noqa: N801
    """The members of a JSON object as a table with the column `key`."""

    inherit_cache = True


class json_put(GenericFunction[str]):  # noqa: N801
    """A JSON object with one member set: `json_put(text, name, json_value)`."""

    type = sa.Text()
    inherit_cache = True


class json_drop(GenericFunction[str]):  # noqa: N801
    """A JSON object without one member: `json_drop(text, name)`."""

    type = sa.Text()
    inherit_cache = True


class json_text(GenericFunction[str]):  # noqa: N801
    """A plain value as JSON text: `json_text(value)`."""

    type = sa.Text()
    inherit_cache = True


def _sqlite_path(compiler: Any, element: Any, **options: Any) -> tuple[str, str]:
    text, name = list(element.clauses)[:2]
    return compiler.process(text, **options), f"('$.\"' || {compiler.process(name, **options)} || '\"')"


def _pg_pair(compiler: Any, element: Any, **options: Any) -> tuple[str, str]:
    text, name = list(element.clauses)[:2]
    return f"CAST({compiler.process(text, **options)} AS jsonb)", compiler.process(name, **options)


@compiles(json_member, "sqlite")
def _member_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return "({} -> {})".format(*_sqlite_path(compiler, element, **options))


@compiles(json_member, "postgresql")
def _member_pg(element: Any, compiler: Any, **options: Any) -> str:
    return "({} -> {})".format(*_pg_pair(compiler, element, **options))


def _typed_sqlite(types: str) -> Any:
    def process(element: Any, compiler: Any, **options: Any) -> str:
        text, path = _sqlite_path(compiler, element, **options)
        return f"(CASE WHEN json_type({text}, {path}) IN ({types}) THEN {text} ->> {path} END)"

    return process


def _typed_pg(type_: str, cast: str) -> Any:
    def process(element: Any, compiler: Any, **options: Any) -> str:
        text, name = _pg_pair(compiler, element, **options)
        return f"(CASE WHEN jsonb_typeof({text} -> {name}) = '{type_}' THEN CAST({text} ->> {name} AS {cast}) END)"

    return process


compiles(json_word, "sqlite")(_typed_sqlite("'text'"))
compiles(json_word, "postgresql")(_typed_pg("string", "text"))
compiles(json_number, "sqlite")(_typed_sqlite("'integer', 'real'"))
compiles(json_number, "postgresql")(_typed_pg("number", "double precision"))
compiles(json_flag, "sqlite")(_typed_sqlite("'true', 'false'"))
compiles(json_flag, "postgresql")(_typed_pg("boolean", "boolean"))


@compiles(json_list, "sqlite")
def _list_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"


@compiles(json_list, "postgresql")
def _list_pg(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(json_build_array({compiler.process(element.clauses, **options)}) AS text)"


@compiles(json_put, "sqlite")
def _put_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    text, path = _sqlite_path(compiler, element, **options)
    value = compiler.process(list(element.clauses)[2], **options)
    return f"json_set({text}, {path}, json({value}))"


@compiles(json_put, "postgresql")
def _put_pg(element: Any, compiler: Any, **options: Any) -> str:
    text, name = _pg_pair(compiler, element, **options)
    value = compiler.process(list(element.clauses)[2], **options)
    return f"CAST({text} || jsonb_build_object({name}, CAST({value} AS jsonb)) AS text)"


@compiles(json_drop, "sqlite")
def _drop_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return "json_remove({}, {})".format(*_sqlite_path(compiler, element, **options))


@compiles(json_drop, "postgresql")
def _drop_pg(element: Any, compiler: Any, **options: Any) -> str:
    return "CAST({} - {} AS text)".format(*_pg_pair(compiler, element, **options))


@compiles(json_text, "sqlite")
def _text_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_quote({compiler.process(element.clauses, **options)})"


@compiles(json_text, "postgresql")
def _text_pg(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(to_json({compiler.process(element.clauses, **options)}) AS text)"


@compiles(json_record, "sqlite")
def _record_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_object({compiler.process(element.clauses, **options)})"


@compiles(json_record, "postgresql")
def _record_pg(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(json_build_object({compiler.process(element.clauses, **options)}) AS text)"


@compiles(json_shown, "sqlite")
def _shown_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    text, path = _sqlite_path(compiler, element, **options)
    kind = f"CASE json_type({text}, {path}) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'"
    return f"({kind} WHEN 'object' THEN NULL WHEN 'array' THEN NULL ELSE CAST({text} ->> {path} AS TEXT) END)"


@compiles(json_shown, "postgresql")
def _shown_pg(element: Any, compiler: Any, **options: Any) -> str:
    text, name = _pg_pair(compiler, element, **options)
    return f"(CASE WHEN jsonb_typeof({text} -> {name}) NOT IN ('object', 'array') THEN {text} ->> {name} END)"


@compiles(json_names, "sqlite")
def _names_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(json_names, "postgresql")
def _names_pg(element: Any, compiler: Any, **options: Any) -> str:
    return f"jsonb_each(CAST({compiler.process(element.clauses, **options)} AS jsonb))"


@compiles(json_parsed, "sqlite")
def _parsed_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json({compiler.process(element.clauses, **options)})"


@compiles(json_parsed, "postgresql")
def _parsed_pg(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS json)"


@compiles(json_amount, "sqlite")
def _amount_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    cents = compiler.process(element.clauses, **options)
    return f"(CASE WHEN {cents} % 100 = 0 THEN {cents} / 100 ELSE {cents} / 100.0 END)"


@compiles(json_amount, "postgresql")
def _amount_pg(element: Any, compiler: Any, **options: Any) -> str:
    return f"trim_scale(CAST({compiler.process(element.clauses, **options)} AS numeric) / 100)"
