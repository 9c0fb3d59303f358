"""Merging one JSON object into another inside SQL, on both databases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class json_merge(GenericFunction[str]):  # noqa: N801  (SQL function names are lower case)
    """A JSON object with the members of another put in: `json_merge(text, other)`; a null there removes a member."""

    type = sa.Text()
    inherit_cache = True


class json_same(GenericFunction[bool]):  # noqa: N801
    """Whether two JSON texts mean the same: `json_same(text, other)`."""

    type = sa.Boolean()
    inherit_cache = True


def _both(element: Any, compiler: Any, options: Any) -> tuple[str, str]:
    left, right = element.clauses
    return compiler.process(left, **options), compiler.process(right, **options)


@compiles(json_merge, "sqlite")
def _merge_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return "json_patch({}, {})".format(*_both(element, compiler, options))


@compiles(json_merge, "postgresql")
def _merge_pg(element: Any, compiler: Any, **options: Any) -> str:
    merged = "CAST({} AS jsonb) || CAST({} AS jsonb)".format(*_both(element, compiler, options))
    return f"CAST(jsonb_strip_nulls({merged}) AS text)"


@compiles(json_same, "sqlite")
def _same_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    # Both sides come from json_patch, which writes the same object in the same way.
    return "({} = {})".format(*_both(element, compiler, options))


@compiles(json_same, "postgresql")
def _same_pg(element: Any, compiler: Any, **options: Any) -> str:
    return "(CAST({} AS jsonb) = CAST({} AS jsonb))".format(*_both(element, compiler, options))
