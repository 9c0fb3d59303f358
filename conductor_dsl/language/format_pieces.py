"""The elements of a step as pieces of text, and whole steps on one line: what a formatter puts between white space."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conductor_dsl.language.ast import Block, Chain, Element, Group, Literal, LiteralType, Operator, Ref, Step, Word
from conductor_dsl.language.source import Source, Span

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stays together, and the place it comes from; `glued` says that no blank stands before it.

    `node` is set for a block and for text of several lines, which are laid out rather than copied.
    """

    text: str
    span: Span
    glued: bool = False
    node: Block | Literal | None = None
    is_word: bool = False


def pieces(elements: tuple[Element, ...], source: Source) -> Iterator[Piece]:
    """The pieces of elements, in order."""
    for index, element in enumerate(elements):
        glued = _is_glued(elements, index)
        match element:
            case Group(inner, span):
                yield Piece("(", Span(span.start, span.start + 1), glued)
                for number, piece in enumerate(pieces(inner, source)):
                    yield piece if number else replace(piece, glued=True)
                yield Piece(")", Span(span.end - 1, span.end), True)
            case Block(_, span):
                yield Piece("", span, False, element)
            case Literal(_, _, span):
                text = source.excerpt(span)
                yield Piece(text, span, glued, element if "\n" in text else None)
            case Ref(kind, name, span):
                yield Piece(f'{kind}:"{name.translate(_ESCAPES)}"', span, glued)
            case _:
                yield Piece(element.text, element.span, glued, None, isinstance(element, Word))


def _is_glued(elements: tuple[Element, ...], index: int) -> bool:
    """Whether no blank stands before an element: a comma, what a minus sign negates, and `09:00-20:00`."""
    element = elements[index]
    if isinstance(element, Operator):
        return element.text == "," or _is_between_clocks(elements, index)
    if index == 0 or isinstance(element, Block) or not _is_minus(elements[index - 1]):
        return False
    is_sign = index == 1 or isinstance(elements[index - 2], Operator)
    return is_sign or _is_between_clocks(elements, index - 1)


def _is_minus(element: Element) -> bool:
    return isinstance(element, Operator) and element.text == "-"


def _is_between_clocks(elements: tuple[Element, ...], index: int) -> bool:
    around = elements[max(index - 1, 0) : index + 2]
    return len(around) == 3 and _is_minus(around[1]) and _is_clock(around[0]) and _is_clock(around[2])


def _is_clock(element: Element) -> bool:
    return isinstance(element, Literal) and element.type is LiteralType.CLOCK


def flat_step(step: Step, source: Source) -> str:
    """A step on one line."""
    text = step.name.text
    for piece in pieces(step.elements, source):
        written = flat_block(piece.node, source) if isinstance(piece.node, Block) else piece.text
        text += written if piece.glued else f" {written}"
    return text


def flat_block(block: Block, source: Source) -> str:
    """A block on one line."""
    return f"{{ {flat_chain(block.chain, source)} }}" if block.chain else "{}"


def flat_chain(chain: Chain, source: Source) -> str:
    """A chain on one line."""
    return " -> ".join([flat_step(step, source) for step in chain.steps])


def is_plain(chain: Chain) -> bool:
    """Whether no step of a chain has a block with something in it."""
    return not any(_has_content(element) for step in chain.steps for element in step.elements)


def is_simple(step: Step) -> bool:
    """Whether the blocks of a step hold no more than one plain step each."""
    return all(_is_simple(element) for element in step.elements)


def _is_simple(element: Element) -> bool:
    if isinstance(element, Block) and element.chain:
        return len(element.chain.steps) == 1 and is_plain(element.chain)
    return not _has_content(element)


def _has_content(element: Element) -> bool:
    """Whether an element is or holds a block with something in it."""
    if isinstance(element, Group):
        return any(_has_content(inner) for inner in element.elements)
    return isinstance(element, Block) and bool(element.chain or element.arms)


def is_payload(block: Block) -> bool:
    """Whether a block looks like names with values: one step that is a name and a value, perhaps more behind commas."""
    if block.chain is None or len(block.chain.steps) != 1 or not is_plain(block.chain):
        return False
    items = payload_items(block)
    return all(isinstance(item[0], Word) and len(item) > 1 for item in items)


def payload_items(block: Block) -> list[tuple[Element, ...]]:
    """The names with their values, each with the comma behind it."""
    assert block.chain
    [step] = block.chain.steps
    items: list[list[Element]] = [[]]
    for element in (step.name, *step.elements):
        items[-1].append(element)
        if isinstance(element, Operator) and element.text == ",":
            items.append([])
    return [tuple(item) for item in items if item]
