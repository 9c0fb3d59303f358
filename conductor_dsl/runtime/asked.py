"""Asked: what the call of a predicate asks for: the tables that its SQL reads, and the names among its arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from conductor_dsl.language.signatures import Kind, Param, PredicateSignature


def tables_of(expression: Any) -> set[str]:
    """The names of the tables that an expression reads."""
    found = (each for each in visitors.iterate(expression) if isinstance(each, sa.FromClause))
    return {table.name for each in found for table in _plain(each)}


def _plain(clause: sa.FromClause) -> Iterator[sa.Table]:
    element = getattr(clause, "element", clause)
    if isinstance(element, sa.Table):
        yield element


def params_of(signature: PredicateSignature, arguments: Mapping[str, Any], kind: Kind) -> Iterator[tuple[Param, Any]]:
    """The arguments of a kind, each with the parameter that it is for."""
    phrases = [*signature.forms, *(option.phrase for option in signature.options)]
    for param in (part for phrase in phrases for part in phrase if isinstance(part, Param)):
        if kind in param.kinds and param.name in arguments:
            yield param, arguments[param.name]


def events_of(signature: PredicateSignature, arguments: Mapping[str, Any]) -> frozenset[str]:
    """The names of the events that a call asks for; empty where it may be any."""
    named = (value for _, value in params_of(signature, arguments, Kind.EVENT))
    told = [name for value in named for name in ([value] if isinstance(value, str) else value)]
    return frozenset(told or signature.grows_by)
