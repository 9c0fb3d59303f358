"""Between offsets in a text and the lines and columns of the protocol, which count as the editor asked for."""

from __future__ import annotations

from lsprotocol import types
from pygls.workspace import PositionCodec

from conductor_dsl.language.source import Source, Span


def to_offset(source: Source, position: types.Position, codec: PositionCodec) -> int:
    """The offset of a position; one behind the end of its line, or of the text, is at that end."""
    if position.line >= len(source.line_starts):
        return len(source.text)
    line = source.line(position.line + 1)
    column, units = 0, 0
    while column < len(line) and units < position.character:
        units += codec.client_num_units(line[column])
        column += 1
    return source.line_starts[position.line] + column


def to_position(source: Source, offset: int, codec: PositionCodec) -> types.Position:
    """The position of an offset."""
    place = source.position(min(offset, len(source.text)))
    before = source.line(place.line)[: place.column - 1]
    return types.Position(place.line - 1, codec.client_num_units(before))


def to_range(source: Source, span: Span, codec: PositionCodec) -> types.Range:
    """The range of a span."""
    return types.Range(to_position(source, span.start, codec), to_position(source, span.end, codec))
