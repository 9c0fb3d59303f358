"""Why a template cannot be parsed, and where: Liquid gives no place for what ends too early."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import NamedTuple

from liquid import Environment
from liquid.exceptions import LiquidError
from liquid.token import TOKEN_EXPRESSION, TOKEN_OUTPUT, TOKEN_TAG, Token

from conductor_dsl.shared.nearest import nearest

_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")


class Problem(NamedTuple):
    """What is wrong with a template, and the offset of the character where."""

    message: str
    offset: int


def syntax_problem(env: Environment, text: str, error: LiquidError) -> Problem:
    """The first thing that is wrong, in the words of the author."""
    message = str(error.message)
    if isinstance(error.__cause__, RecursionError):
        return Problem("the template is nested too deeply", 0)
    if message.startswith("unexpected tag"):
        return _unknown_tag(env, error)
    if error.token is not None and error.token.start_index >= 0 and "never closed" not in message:
        return Problem(_QUOTED.sub(_backticks, message), error.token.start_index)
    opened = last_open_tag(env, text)
    if (opened and message.startswith("expected tag")) or "never closed" in message:
        name = opened.value if opened else "comment"
        return Problem(f"`{{% {name} %}}` is never closed", _tag_start(text, opened.start_index if opened else 0))
    short = _QUOTED.sub(_backticks, message.replace("end of expression", "nothing"))
    return Problem(short, _unplaced(env, text, message))


def last_open_tag(env: Environment, text: str) -> Token | None:
    """The innermost block tag that is still open at the end of the text."""
    opened: list[Token] = []
    for token in _tokens(env, text):
        if token.kind != TOKEN_TAG:
            continue
        if opened and token.value == f"end{opened[-1].value}":
            opened.pop()
        elif token.value in env.tags and env.tags[token.value].block:
            opened.append(token)
    return opened[-1] if opened else None


def _tokens(env: Environment, text: str) -> list[Token]:
    found: list[Token] = []
    with suppress(LiquidError):  # what stands before the error is enough
        found.extend(env.tokenizer()(text))
    return found


def _unknown_tag(env: Environment, error: LiquidError) -> Problem:
    name, offset = (error.token.value, error.token.start_index) if error.token else ("", 0)
    if name in ("raw", "doc"):
        return Problem(f"`{{% {name} %}}` is never closed", offset)
    if name.startswith("end") or name in ("else", "elsif", "when"):
        return Problem(f"`{{% {name} %}}` has no tag that it belongs to", offset)
    near = nearest(name, (tag for tag in env.tags if tag.isalpha() and tag.islower()))
    return Problem(f"there is no tag `{name}`" + (f", did you mean `{near}`?" if near else ""), offset)


def _backticks(match: re.Match[str]) -> str:
    return f"`{match[1] or match[2]}`"


def _tag_start(text: str, offset: int) -> int:
    return max(text.rfind("{%", 0, offset), 0)


def _unplaced(env: Environment, text: str, message: str) -> int:
    """The start of the first tag that fails with `message`: the parser stops there, so bisecting finds it."""
    tags = _tag_spans(env, text)
    low, high = 0, len(tags) - 1
    while low < high:
        middle = (low + high) // 2
        if _fails_with(env, text[: tags[middle][1]], message):
            high = middle
        else:
            low = middle + 1
    return tags[low][0] if tags else 0


def _tag_spans(env: Environment, text: str) -> list[tuple[int, int]]:
    spans, start, close = [], 0, "}}"
    for token in _tokens(env, text):
        if token.kind == TOKEN_OUTPUT:
            start, close = token.start_index, "}}"
        elif token.kind == TOKEN_TAG:
            start, close = _tag_start(text, token.start_index), "%}"
        elif token.kind == TOKEN_EXPRESSION:
            spans.append((start, text.index(close, token.start_index + len(token.value)) + 2))
    return spans


def _fails_with(env: Environment, text: str, message: str) -> bool:
    try:
        env.from_string(text)
    except LiquidError as error:
        return str(error.message) == message
    return False
