"""From the blocks that hold no chain to values: the arms of a split, and payloads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from string import ascii_uppercase

from conductor_dsl.language.ast import Arm, Block, Step, Word
from conductor_dsl.language.bind_literals import is_share, report_share
from conductor_dsl.language.bind_scope import Cursor, EventFields, Scope
from conductor_dsl.language.bind_steps import bind_chain
from conductor_dsl.language.bind_types import describe, same_family, value_type
from conductor_dsl.language.bind_values import bind_operand
from conductor_dsl.language.bound import Arms, BoundArm, Branch, Formula, Payload
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.vocabulary import RECORDS
from conductor_dsl.shared.draw import WHOLE
from conductor_dsl.shared.nearest import did_you_mean

CONTACT = "contact"


def bind_arms(block: Block, scope: Scope) -> Arms | None:
    """The arms of a split; None where their shares or names do not fit, which has been noted."""
    if not block.arms:
        hint = "write a share before each way: `{ 50% { ... } 50% { ... } }`"
        scope.error("CDX008", block.span, "a split needs ways with shares", hint)
        return None
    arms = tuple(_arm(arm, letter, scope) for arm, letter in zip(block.arms, _letters(), strict=False))
    good = [_shares_fit(block, arms, scope), _names_differ(block.arms, arms, scope)]
    return Arms(arms, block.span) if all(good) else None


def _letters() -> Iterator[str]:
    """The names of arms without one: A to Z, then A1 to Z1, and so on."""
    number = 0
    while True:
        yield from (f"{letter}{number or ''}" for letter in ascii_uppercase)
        number += 1


def _arm(arm: Arm, letter: str, scope: Scope) -> BoundArm:
    chain = bind_chain(arm.block.chain, scope) if arm.block.chain else None
    if arm.block.arms:
        report_arms(arm.block, scope)
    share = Decimal(arm.percent.text) * 100
    name = letter if arm.name is None else arm.name.text
    return BoundArm(name, int(share), Branch(chain, arm.block.span), arm.span)


def report_arms(block: Block, scope: Scope) -> None:
    """Say that shares stand where steps are wanted."""
    hint = 'shares belong to a split: `split "name" { 50% { ... } 50% { ... } }`'
    scope.error("CDX008", block.arms[0].percent.span, "a share has no place here", hint)


def _shares_fit(block: Block, arms: tuple[BoundArm, ...], scope: Scope) -> bool:
    """Whether every share is one, and together they are everybody."""
    odd = [arm for arm in block.arms if not is_share(arm.percent.text)]
    for arm in odd:
        report_share(arm.percent.span, scope)
    total = sum(arm.share for arm in arms)
    if odd or total == WHOLE:
        return not odd
    span = block.arms[0].percent.span.to(block.arms[-1].percent.span)
    last = arms[-1].share + WHOLE - total
    hint = f"with `{_percent(last)}` for the last one they would" if last > 0 else "make some of them smaller"
    scope.error("CDX022", span, f"the shares add up to {_percent(total)}, not to 100%", hint)
    return False


def _percent(share: int) -> str:
    return f"{Decimal(share) / 100:f}%"


def _names_differ(written: Iterable[Arm], arms: tuple[BoundArm, ...], scope: Scope) -> bool:
    seen: set[str] = set()
    for arm, bound in zip(written, arms, strict=True):
        span = arm.name.span if arm.name else arm.percent.span
        if not bound.name:
            scope.error("CDX008", span, "the name of this way is empty", "leave it out, or write one")
            return False
        if bound.name in seen:
            hint = (
                "give it another name" if arm.name else f'it is called by its letter; give it a name: `"{bound.name}2"`'
            )
            scope.error("CDX007", span, f"two ways of the split are called `{bound.name}`", hint)
            return False
        seen.add(bound.name)
    return True


def bind_payload(block: Block, scope: Scope, record: str = "") -> Payload | None:
    """Names with values, for a record or for the event that the phrase names, if it names one; None where one does not
    fit.
    """
    shape = _Shape(record, _record_fields(record, scope)) if record else _Shape("event", scope.told)
    if block.arms or (block.chain and len(block.chain.steps) > 1):
        hint = 'write names with values: `{ order_id "1", total 20 }`'
        scope.error("CDX008", block.span, "steps or shares stand where names with values are wanted", hint)
        return None
    items = list(_items(block.chain.steps[0], shape, scope)) if block.chain else []
    good = tuple(item for item in items if item)
    return Payload(good, block.span) if len(good) == len(items) else None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a payload tells of, and its fields with their types; None where any name may stand."""

    noun: str
    fields: EventFields | None


def _record_fields(record: str, scope: Scope) -> EventFields:
    return {**scope.fields, "country": ValueType.TEXT} if record == CONTACT else RECORDS[record]


def _items(step: Step, shape: _Shape, scope: Scope) -> Iterator[tuple[str, Formula] | None]:
    cursor = Cursor((step.name, *step.elements), step.span)
    seen: set[str] = set()
    while element := cursor.peek():
        if not isinstance(element, Word):
            scope.error("CDX008", element.span, f"a name is missing before `{scope.written(element.span)}`")
            yield None
            return
        cursor.take()
        value = bind_operand(cursor, scope)
        if element.text in seen:
            scope.error("CDX007", element.span, f"`{element.text}` stands twice", "leave one of them out")
        seen.add(element.text)
        yield (element.text, value) if value and _fits(element, value, shape, scope) else None
        if not _is_over(cursor, scope):
            yield None
            return


def _is_over(cursor: Cursor, scope: Scope) -> bool:
    """Whether a value ends where the next one begins; a comma stands between them."""
    rest = cursor.peek()
    if rest is None or cursor.accept(","):
        return True
    scope.error("CDX008", rest.span, f"a `,` is missing before `{scope.written(rest.span)}`", "put commas between them")
    return False


def _fits(name: Word, value: Formula, shape: _Shape, scope: Scope) -> bool:
    """Whether the thing has such a field, of such a type."""
    fields = shape.fields
    if fields is None:
        return True
    if name.text not in fields:
        hint = did_you_mean(name.text, fields) or _fields_hint(fields)
        scope.error("CDX005", name.span, f"the {shape.noun} has no field `{name.text}`", hint)
        return False
    type_, found = fields[name.text], value_type(value.expression)
    if type_ is None:
        scope.error("CDX112", name.span, f"`{name.text}` is a list, which cannot be written here")
        return False
    if same_family(type_, found):
        return True
    message = f"`{name.text}` is {describe(type_)}, and `{scope.written(value.span)}` is {describe(found)}"
    scope.error("CDX112", value.span, message)
    return False


def _fields_hint(fields: Iterable[str]) -> str:
    names = ", ".join(f"`{name}`" for name in fields)
    return f"its fields are {names}" if names else "its declaration has none"
