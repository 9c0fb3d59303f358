"""Whether a statement keeps to one contact at a time: every two tables of contacts in it must meet on the contact.

A statement is walked scope by scope. In each SELECT, UPDATE or DELETE the tables of contacts must hang together by
equations of their contacts, perhaps through a temporary table; a SELECT inside another one must be tied to it by such
an equation, or by `contact IN (SELECT contact ..)`. Then whatever the statement reads of a contact lies where the
contact does. A table by itself crosses nothing: each place answers for the contacts it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.dml import Delete, Insert
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BooleanClauseList,
    ClauseElement,
    Grouping,
    ReleaseSavepointClause,
    RollbackToSavepointClause,
    SavepointClause,
)
from sqlalchemy.sql.selectable import CTE, Alias, Join, ScalarSelect, SelectBase, Subquery

from conductor_dsl.store.layout import contact_column, split_tables
from conductor_dsl.store.tables import metadata

_NAMES_NO_TABLE = (ExecutableDDLElement, SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)


def crossings(statement: ClauseElement) -> list[str]:
    """What in a statement brings rows of different contacts together, in words; nothing where nothing does."""
    return list(_crossings(statement, ()))


def _crossings(statement: Any, outer: tuple[Any, ...]) -> Iterator[str]:
    if isinstance(statement, Insert):
        yield from _into(statement)
        return
    if isinstance(statement, sa.TextClause):
        # What stands in quotes is a name in the catalogue, say, and not read from.
        words = set(re.findall(r"\w+", re.sub("'[^']*'", "", statement.text)))
        yield from (
            f"{table.name}, in words that say nothing of contacts" for table in split_tables() if table.name in words
        )
        return
    if isinstance(statement, sa.CompoundSelect):
        for each in statement.selects:
            yield from _crossings(each, outer)
        return
    if not isinstance(statement, ClauseElement) or isinstance(statement, _NAMES_NO_TABLE):
        return
    if isinstance(statement, Grouping | ScalarSelect | Subquery | CTE):
        yield from _crossings(statement.element, outer)
        return
    parts = [part for root in _roots(statement) for part in _here(root)]
    leaves = _leaves(statement, parts, outer)
    ties = [tie for condition in _conditions(statement) for tie in _ties(condition)]
    yield from _apart(leaves, ties, outer)
    around = (*outer, *leaves)
    for leaf in leaves:
        if isinstance(leaf, Subquery | CTE):
            yield from _crossings(leaf.element, ())
    linked = {id(inner) for part in parts for inner in _linked(part)}
    for part in parts:
        if isinstance(part, SelectBase | ScalarSelect):
            inner = part.element if isinstance(part, ScalarSelect) else part
            yield from _crossings(inner, () if id(inner) in linked else around)
            if id(inner) not in linked:
                yield from _loose(inner, around)


def _into(statement: Any) -> Iterator[str]:
    """An INSERT .. SELECT writes a row beside the contact that it is made of."""
    source = statement.select
    if source is None:
        return
    yield from _crossings(source, ())
    column = contact_column(statement.table) if _is_split(statement.table) else None
    names = [getattr(name, "name", name) for name in statement._select_names or ()]
    if column in names and _contact(_unwrapped(source.selected_columns[names.index(column)])) is None:
        yield f"{statement.table.name} is written from another contact's row"


def _roots(statement: Any) -> list[Any]:
    """All expressions of a SELECT, UPDATE or DELETE."""
    if isinstance(statement, sa.Select):
        clauses = [statement._group_by_clauses, statement._order_by_clauses, statement._where_criteria]
        roots = [*statement.selected_columns, *(each for some in clauses for each in some), *statement._having_criteria]
        return roots + [join.onclause for source in statement.get_final_froms() for join in _joins(source)]
    values = [] if isinstance(statement, Delete) else [*(statement._values or {}).values()]
    return [*statement._where_criteria, *(each for each in values if isinstance(each, ClauseElement))]


def _here(element: Any) -> Iterator[Any]:
    """An expression and its parts, but not what is inside another SELECT."""
    yield element
    if isinstance(element, SelectBase | ScalarSelect | sa.Table | Alias | Subquery):
        return
    for child in element.get_children():
        yield from _here(child)


def _leaves(statement: Any, parts: Iterable[Any], outer: tuple[Any, ...]) -> list[Any]:
    """The tables of a scope, each alias by itself; those of the SELECT around it are not its own."""
    if isinstance(statement, sa.Select):
        found = [leaf for source in statement.get_final_froms() for leaf in _split(source)]
        found = [leaf for leaf in found if not _is_in(leaf, outer)]
    else:
        found = [
            statement.table,
            *(part.table for part in parts if isinstance(part, sa.ColumnClause) and _is_source(part)),
        ]
    return list({id(leaf): leaf for leaf in found}.values())


def _is_source(column: Any) -> bool:
    return getattr(column, "table", None) is not None


def _joins(source: Any) -> Iterator[Join]:
    if isinstance(source, Join):
        yield source
        yield from _joins(source.left)
        yield from _joins(source.right)


def _split(source: Any) -> Iterator[Any]:
    if isinstance(source, Join):
        yield from _split(source.left)
        yield from _split(source.right)
    else:
        yield source


def _conditions(statement: Any) -> Iterator[Any]:
    """What must all be true of the rows of a scope."""
    yield from (each for clause in statement._where_criteria for each in _all_of(clause))
    if isinstance(statement, sa.Select):
        for source in statement.get_final_froms():
            for join in _joins(source):
                yield from _all_of(join.onclause)


def _all_of(clause: Any) -> Iterator[Any]:
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for each in clause.clauses:
            yield from _all_of(each)
    elif isinstance(clause, Grouping):
        yield from _all_of(clause.element)
    else:
        yield clause


def _ties(condition: Any) -> Iterator[tuple[Any, Any]]:
    """The two tables whose contacts an equation makes the same."""
    if isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
        left, right = _contact(_unwrapped(condition.left)), _contact(_unwrapped(condition.right))
        if left is not None and right is not None:
            yield left.table, right.table


def _apart(leaves: list[Any], ties: list[tuple[Any, Any]], outer: tuple[Any, ...]) -> Iterator[str]:
    """The tables of contacts that do not hang together."""
    groups: list[list[Any]] = []
    for leaf in [*leaves, *outer]:
        met = [group for group in groups if any(_tied(leaf, other, ties) for other in group)]
        groups = [group for group in groups if group not in met] + [[leaf, *(each for group in met for each in group)]]
    with_contacts = [group for group in groups if any(_is_split(leaf) for leaf in group if _is_in(leaf, leaves))]
    names = [" and ".join(_name(leaf) for leaf in group if _is_split(leaf)) for group in with_contacts]
    yield from (f"{one} beside {other}" for one, other in pairwise(names))


def _tied(leaf: Any, other: Any, ties: list[tuple[Any, Any]]) -> bool:
    return any({id(leaf), id(other)} == {id(one), id(two)} for one, two in ties)


def _loose(inner: Any, around: tuple[Any, ...]) -> Iterator[str]:
    """A SELECT inside another one, both of contacts, that no equation ties to it."""
    if isinstance(inner, sa.CompoundSelect):
        for each in inner.selects:
            yield from _loose(each, around)
        return
    if not isinstance(inner, sa.Select) or not any(_holds_contacts(leaf) for leaf in around):
        return
    leaves = _leaves(inner, (), around)
    ties = [tie for condition in _conditions(inner) for tie in _ties(condition)]
    reached = any(_is_in(one, around) != _is_in(two, around) for one, two in ties)
    if any(_is_split(leaf) for leaf in leaves) and not reached:
        yield f"{', '.join(_name(leaf) for leaf in leaves)} without regard to the contact"


def _linked(part: Any) -> Iterator[Any]:
    """The SELECT of contacts in which a contact is to be."""
    if isinstance(part, BinaryExpression) and part.operator in (operators.in_op, operators.not_in_op):
        inner: Any = part.right
        while isinstance(inner, Grouping | ScalarSelect):
            inner = inner.element
        if isinstance(inner, SelectBase):
            first = next(iter(inner.selected_columns))
            if _contact(_first(part.left)) is not None and _contact(_unwrapped(first)) is not None:
                yield inner


def _first(element: Any) -> Any:
    """The element, or the first one of a tuple."""
    clauses = getattr(element, "clauses", None)
    return _unwrapped(next(iter(clauses)) if isinstance(element, sa.Tuple) and clauses else element)


def _unwrapped(element: Any) -> Any:
    """What is inside brackets, labels and additions of nothing."""
    while True:
        if isinstance(element, Grouping | sa.Label):
            element = element.element
        elif isinstance(element, BinaryExpression) and element.operator is operators.add:
            element = element.left
        else:
            return element


def _contact(column: Any) -> Any:
    """The column, if it says which contact a row belongs to."""
    if not isinstance(column, sa.ColumnClause) or getattr(column, "table", None) is None:
        return None
    names = {(base.table.name, base.name) for base in column.base_columns if isinstance(base, sa.Column)}
    return column if any(name == "contact_id" or (table, name) == ("contact", "id") for table, name in names) else None


def _is_in(leaf: Any, leaves: Iterable[Any]) -> bool:
    return any(leaf is other for other in leaves)


def _is_split(leaf: Any) -> bool:
    """Whether a leaf is a table that is split by contact, or is made of one."""
    if isinstance(leaf, Subquery | CTE):
        return any(_is_split(table) for table in sa.sql.visitors.iterate(leaf.element) if isinstance(table, sa.Table))
    table = leaf.element if isinstance(leaf, Alias) else leaf
    return isinstance(table, sa.Table) and table.metadata is metadata and contact_column(table) is not None


def _holds_contacts(leaf: Any) -> bool:
    """Whether a leaf is of contacts, be it a temporary table."""
    return any(_contact(column) is not None for column in getattr(leaf, "c", ()))


def _name(leaf: Any) -> str:
    return str(getattr(leaf, "name", leaf))
