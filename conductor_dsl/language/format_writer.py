"""Lines being written, and the comments that wait for their place among them."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable

from conductor_dsl.language.ast import Comment
from conductor_dsl.language.source import Source, Span

WIDTH = 100


class Writer:
    """Writes lines from left to right.

    A comment is written before the first thing that stood behind it: at the end of the line under way when it stood at
    the end of a line, else on a line of its own. So comments keep their order and their neighbours.
    """

    def __init__(self, source: Source, comments: Iterable[Comment], unbroken: Iterable[Span]) -> None:
        """Begin; `unbroken` are the texts of several lines, which nothing can put on one line."""
        self.source = source
        self._comments = deque(comments)
        spans = [comment.span for comment in self._comments]
        self._breaks = sorted(span.start for span in [*spans, *unbroken])
        self._lines: list[str] = []
        self._line = ""
        self._indent = 0
        self._must_break = False
        self._is_first = True
        self._last = 0

    def breaks_in(self, span: Span) -> bool:
        """Whether a comment, or a text of several lines, stands in a stretch of the source."""
        index = bisect_left(self._breaks, span.start)
        return index < len(self._breaks) and self._breaks[index] < span.end

    def waits_before(self, offset: int) -> bool:
        """Whether a comment that stands before an offset is still to be written."""
        return bool(self._comments) and self._comments[0].span.start < offset

    def fits(self, text: str, indent: int, *, glued: bool = False) -> bool:
        """Whether a text has room on the line under way, or on a new one when none is."""
        return (len(self._line) + (not glued) if self._line else indent) + len(text) <= WIDTH

    def newline(self, indent: int) -> None:
        """End the line under way, if one is; what comes next is indented."""
        if self._line:
            self._lines.append(self._line)
        self._line = ""
        self._indent = indent
        self._must_break = False

    def put(self, text: str, *, glued: bool = False) -> None:
        """Write on the line under way, a blank before it unless it is glued."""
        if self._must_break:
            self.newline(self._indent)
        if self._line:
            self._line += text if glued else f" {text}"
        else:
            self._line = " " * self._indent + text

    def wrap(self, text: str, indent: int, *, glued: bool = False, room: int = 0) -> None:
        """Write on the line under way, or on a new one when there is no room for the text and `room` more columns."""
        if not self._line or not self.fits(text + " " * room, indent, glued=glued):
            self.newline(indent)
        self._indent = indent
        self.put(text, glued=glued)

    def put_lines(self, lines: list[str], last: str) -> None:
        """Write lines exactly as they are behind the line under way; nothing but a comment follows the last."""
        self._lines += [self._line, *lines]
        self._line = last
        self._must_break = True

    def comments_before(self, offset: int, indent: int) -> None:
        """Write the comments that stand before an offset."""
        self._comments_before(offset, indent, spaced=False, blank=False)

    def begin(self, offset: int, indent: int, *, blank: bool = False) -> None:
        """Begin a line for what stands at an offset.

        A blank line comes before it and its comments where the author left one, and in any case with `blank`; but not
        at the beginning of a file or a block.
        """
        self._separate(offset, self._comments_before(offset, indent, spaced=True, blank=blank))
        self.newline(indent)

    def open(self) -> None:
        """What comes next is the first thing in its block."""
        self._is_first = True

    def end(self, offset: int) -> None:
        """Everything before an offset is written."""
        self._last = offset
        self._is_first = False

    def close(self, offset: int, indent: int) -> None:
        """Write the comments that are left in a block."""
        self._comments_before(offset, indent, spaced=True, blank=False)

    def text(self) -> str:
        """All that was written."""
        self.newline(0)
        return "".join(f"{line}\n" for line in self._lines)

    def _comments_before(self, offset: int, indent: int, *, spaced: bool, blank: bool) -> bool:
        """Write comments, and say whether a blank line is still wanted."""
        while self.waits_before(offset):
            comment = self._comments.popleft()
            if self._line and not self._stands_alone(comment):
                self._line += f"  {comment.text}"
            else:
                if spaced:
                    self._separate(comment.span.start, blank)
                    blank = False
                self.newline(indent)
                self.put(comment.text)
            self.newline(indent)
            self._last = comment.span.end
        return blank

    def _stands_alone(self, comment: Comment) -> bool:
        start = self.source.text.rfind("\n", 0, comment.span.start) + 1
        return not self.source.text[start : comment.span.start].strip()

    def _separate(self, offset: int, blank: bool) -> None:
        """Leave a line blank where one is wanted."""
        wanted = blank or self.source.text.count("\n", self._last, offset) > 1
        if wanted and not self._is_first:
            self.newline(self._indent)
            self._lines.append("")
        self._is_first = False
