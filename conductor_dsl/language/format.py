"""The one way to write a script: from a source to the same source, well laid out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import zip_longest

from conductor_dsl.language.ast import (
    Arm,
    Block,
    Chain,
    Conversation,
    EventDeclaration,
    FieldDeclaration,
    File,
    Item,
    Literal,
    SegmentDeclaration,
    Setting,
    Statement,
    Step,
    TestDeclaration,
    Thread,
)
from conductor_dsl.language.format_pieces import (
    Piece,
    flat_block,
    flat_chain,
    flat_step,
    is_payload,
    is_plain,
    is_simple,
    payload_items,
    pieces,
)
from conductor_dsl.language.format_writer import Writer
from conductor_dsl.language.parse import parse
from conductor_dsl.language.scan import TokenKind, scan
from conductor_dsl.language.source import Source, Span
from conductor_dsl.language.statements import STATEMENTS
from conductor_dsl.language.text_literals import QUOTES, raw_lines, read_text

STEP = 2
ARROW = "-> "
LONGEST_OPTION = 60
_Part = Setting | Thread | Chain
BlockLayout = Callable[[Writer, Block, int, int], None]
"""How a block is laid out: the writer, the block, where its brace closes, where lines that are wrapped begin."""


def format_source(source: Source) -> str:
    """The text of a source in its one layout; raises ValueError for one with syntax errors.

    Comments survive and values never change; formatting twice is formatting once.
    """
    file, findings = parse(source)
    if file is None or any(finding.code != "CDX003" for finding in findings):
        raise ValueError("only a script without syntax errors can be formatted")
    texts = (token.span for token in scan(source.text) if token.kind is TokenKind.TEXT and "\n" in token.text)
    writer = Writer(source, file.comments, texts)
    _file(writer, file)
    return writer.text()


def _file(writer: Writer, file: File) -> None:
    previous: Item | None = None
    for item in file.items:
        declares = isinstance(item, FieldDeclaration | EventDeclaration)
        together = declares and isinstance(previous, FieldDeclaration | EventDeclaration)
        writer.begin(item.span.start, 0, blank=previous is not None and not together)
        _item(writer, item)
        writer.end(item.span.end)
        previous = item
    writer.close(len(writer.source.text) + 1, 0)


def _item(writer: Writer, item: Item) -> None:
    match item:
        case Conversation():
            _conversation(writer, item)
        case FieldDeclaration(name, type_):
            writer.put(f"field {name.text} {type_.text}")
        case EventDeclaration():
            _event(writer, item)
        case SegmentDeclaration(name, elements):
            writer.put(f"segment {name.text} =")
            _pieces(writer, list(pieces(elements, writer.source)), 0, STEP)
        case TestDeclaration():
            _test(writer, item)
        case Chain():
            _chain(writer, item, 0)


def _event(writer: Writer, event: EventDeclaration) -> None:
    fields = [f"{field.name.text} {field.type.text}" for field in event.fields]
    flat = f"event {event.name.text} {{ {', '.join(fields)} }}" if fields else f"event {event.name.text} {{}}"
    if not writer.breaks_in(event.span) and writer.fits(flat, 0):
        writer.put(flat)
        return
    writer.put(f"event {event.name.text} {{")
    for index, (field, text) in enumerate(zip(event.fields, fields, strict=True)):
        writer.comments_before(field.span.start, STEP)
        writer.newline(STEP)
        writer.put(text if index == len(fields) - 1 else f"{text},")
    _close(writer, event.span.end, 0)


def _test(writer: Writer, test: TestDeclaration) -> None:
    """A statement on each line, with the blank lines that the author left between them."""
    writer.put(f"test {writer.source.excerpt(test.name.span)}")
    if not test.statements and not writer.waits_before(test.span.end):
        writer.put("{}")
        return
    writer.put("{")
    writer.open()
    for statement in test.statements:
        writer.begin(statement.span.start, STEP)
        _statement(writer, statement)
        writer.end(statement.span.end)
    writer.close(test.span.end, STEP)
    _close(writer, test.span.end, 0)


def _statement(writer: Writer, statement: Statement) -> None:
    """A line if there is room; else options hang over onto the next ones, and at last the names of a payload do."""
    writer.put(statement.name.text)
    keywords = {option.keyword for each in STATEMENTS[statement.name.text] for option in each.options}
    items = list(pieces(statement.elements, writer.source))
    _pieces(writer, _with_options(writer, items, keywords), STEP, 2 * STEP, _payload)


def _with_options(writer: Writer, items: list[Piece], keywords: Collection[str]) -> list[Piece]:
    """The pieces with each short option in one, so that no line ends inside it."""
    joined: list[Piece] = []
    is_open = False
    for piece in items:
        begins = piece.is_word and piece.text in keywords
        last = joined[-1] if joined else piece
        text = last.text + ("" if piece.glued else " ") + piece.text
        apart = piece.node or len(text) > LONGEST_OPTION or writer.breaks_in(_between(last, piece))
        if begins or not is_open or apart:
            joined.append(piece)
            is_open = begins
        else:
            joined[-1] = Piece(text, last.span.to(piece.span), last.glued)
    return joined


def _payload(writer: Writer, block: Block, base: int, indent: int) -> None:
    """Names with values, on the line under way if they fit there, else one on each line."""
    if not is_payload(block):
        _block(writer, block, base, indent)
        return
    flat = flat_block(block, writer.source)
    if not writer.breaks_in(block.span) and writer.fits(flat, indent):
        writer.put(flat)
        return
    writer.wrap("{", indent)
    names = payload_items(block)
    for item in names:
        writer.comments_before(item[0].span.start, base + STEP)
        writer.newline(base + STEP)
        _pieces(writer, list(pieces(item, writer.source)), base + STEP, base + STEP)
    _close(writer, block.span.end, base)


def _conversation(writer: Writer, conversation: Conversation) -> None:
    parts: list[_Part] = [*conversation.settings, *conversation.threads, *conversation.chains]
    writer.put(f"conversation {writer.source.excerpt(conversation.name.span)}")
    if not parts and not writer.waits_before(conversation.span.end):
        writer.put("{}")
        return
    writer.put("{")
    writer.open()
    previous: _Part | None = None
    for part in sorted(parts, key=lambda part: part.span):
        both_settings = isinstance(part, Setting) and isinstance(previous, Setting)
        writer.begin(part.span.start, STEP, blank=previous is not None and not both_settings)
        _part(writer, part)
        writer.end(part.span.end)
        previous = part
    writer.close(conversation.span.end, STEP)
    _close(writer, conversation.span.end, 0)


def _part(writer: Writer, part: _Part) -> None:
    match part:
        case Setting(name, elements):
            writer.put(name.text)
            _pieces(writer, list(pieces(elements, writer.source)), STEP, 2 * STEP)
        case Thread():
            _thread(writer, part)
        case Chain():
            _chain(writer, part, STEP)


def _thread(writer: Writer, thread: Thread) -> None:
    writer.put("thread")
    header = (thread.name, *thread.header)
    _pieces(writer, list(pieces(header, writer.source)), STEP, 2 * STEP)
    _block(writer, Block(thread.chain, thread.span), STEP, 2 * STEP)


def _chain(writer: Writer, chain: Chain, indent: int) -> None:
    """A chain on the line under way if it is short and plain, else a line for every step."""
    simple = is_plain(chain) or (len(chain.steps) == 1 and is_simple(chain.steps[0]))
    if simple and not writer.breaks_in(chain.span):
        flat = flat_chain(chain, writer.source)
        if writer.fits(flat, indent):
            writer.put(flat)
            return
    for index, step in enumerate(chain.steps):
        if index:
            writer.comments_before(step.span.start, indent)
            writer.newline(indent)
        _step(writer, step, indent, is_first=not index)


def _step(writer: Writer, step: Step, indent: int, *, is_first: bool) -> None:
    """A step on the line under way if it has room there; blocks hang from the word, and so do wrapped lines."""
    arrow = "" if is_first else ARROW
    base = indent + len(arrow)
    if is_simple(step) and not writer.breaks_in(step.span):
        flat = arrow + flat_step(step, writer.source)
        if writer.fits(flat, indent):
            writer.put(flat)
            return
    writer.put(arrow + step.name.text)
    _pieces(writer, list(pieces(step.elements, writer.source)), base, base + STEP if is_first else base)


def _pieces(writer: Writer, items: list[Piece], base: int, indent: int, block: BlockLayout | None = None) -> None:
    """The elements of a step: blocks hang from `base`, lines that are wrapped begin at `indent`."""
    joined = _joined(writer, items)
    for piece, following in zip_longest(joined, joined[1:]):
        # A comment inside a piece (`saved: # why`) comes before it: behind it, it might be behind its step.
        writer.comments_before(piece.span.start if piece.node else piece.span.end, indent)
        if isinstance(piece.node, Block):
            (block or _block)(writer, piece.node, base, indent)
        elif piece.node is not None:
            _text(writer, piece.node, indent)
        else:
            writer.wrap(piece.text, indent, glued=piece.glued, room=_room(piece, following))


def _room(piece: Piece, following: Piece | None) -> int:
    """The columns to keep free behind a word, so that an option and its value stay together: `notify "a@b.example"`."""
    if following is None or following.node or following.is_word or not piece.is_word:
        return 0
    return len(following.text) + 1


def _joined(writer: Writer, items: list[Piece]) -> list[Piece]:
    """The pieces with glued ones in one, so that no line ends between them; a comment between them keeps them apart."""
    joined: list[Piece] = []
    for piece in items:
        last = joined[-1] if joined else None
        if last and piece.glued and not (piece.node or last.node or writer.breaks_in(_between(last, piece))):
            joined[-1] = Piece(last.text + piece.text, last.span.to(piece.span), last.glued)
        else:
            joined.append(piece)
    return joined


def _between(piece: Piece, following: Piece) -> Span:
    """What lies between two pieces; a comment inside one of them comes before both."""
    return Span(piece.span.end, max(piece.span.end, following.span.start))


def _block(writer: Writer, block: Block, base: int, indent: int) -> None:
    """A block over several lines, or `{}`; `base` is where its brace closes."""
    if block.chain is None and not block.arms and not writer.waits_before(block.span.end):
        writer.wrap("{}", indent)
        return
    writer.wrap("{", indent)
    if block.chain:
        writer.comments_before(block.chain.span.start, base + STEP)
        writer.newline(base + STEP)
        _chain(writer, block.chain, base + STEP)
    for arm in block.arms:
        _arm(writer, arm, base + STEP)
    _close(writer, block.span.end, base)


def _arm(writer: Writer, arm: Arm, indent: int) -> None:
    """A share with its way, on a line of its own."""
    writer.comments_before(arm.span.start, indent)
    writer.newline(indent)
    writer.put(writer.source.excerpt(arm.percent.span))
    if arm.name:
        writer.wrap(writer.source.excerpt(arm.name.span), indent)
    _block(writer, arm.block, indent, indent + STEP)


def _close(writer: Writer, end: int, indent: int) -> None:
    writer.comments_before(end, indent + STEP)
    writer.newline(indent)
    writer.put("}")


def _text(writer: Writer, literal: Literal, indent: int) -> None:
    """A text of several lines, indented anew; as it was written where that would change what it says."""
    written = writer.source.excerpt(literal.span).replace("\r\n", "\n")
    margin = " " * (indent + STEP)
    lines = [margin + line.text if line.text else "" for line in raw_lines(written)]
    last = " " * indent + QUOTES
    if read_text("\n".join([QUOTES, *lines, last])).value == literal.value:
        writer.wrap(QUOTES, indent)
        writer.put_lines(lines, last)
        return
    first, *rest, end = written.split("\n")
    writer.wrap(first, indent)
    writer.put_lines(rest, end)
