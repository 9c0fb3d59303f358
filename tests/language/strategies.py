"""Scripts for hypothesis, and trees without their positions to compare."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import strategies as st

Tokens = list[str]

GAPS = (" ", " ", " ", "\n", "\n\n", "\n\n\n", "\t", "\r\n", "  # aside\n", "\n# alone\n", "\n\n  # apart\n\n")
TIGHT = frozenset({"->", "{", "}", "(", ")", ","})
NAMES = (
    "wait",
    "sms",
    "email",
    "set",
    "if",
    "else",
    "on",
    "as",
    "from",
    "list",
    "class",
    "field",
    "order.placed",
    "été",
)
VALUES = (
    "3d",
    "90m",
    "1mo",
    "09:00",
    "2026-11-27",
    "50%",
    "1",
    "2.50",
    '""',
    '"Ada"',
    r'"a \"b\" \\ \n"',
    '"# no comment"',
)
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")

_names = st.sampled_from(NAMES).map(lambda name: [name])
_refs = st.sampled_from(["saved", "list", "thread", "when"]).map(lambda kind: [kind, ":", '"Some \\"name\\""'])
_lines = st.lists(st.text("ab {}#'", max_size=8), min_size=1, max_size=4)
_texts = _lines.map(lambda lines: ['"""' + "\n".join(lines) + 'x"""'])
_layouts = _lines.map(lambda lines: ['"""\n' + "\n".join(f"   {line}" for line in lines) + '\n  """'])
_values = st.one_of(st.sampled_from(VALUES).map(lambda value: [value]), _refs, _texts, _layouts)
_comparisons = st.tuples(_names, st.sampled_from(COMPARISONS), _values).map(
    lambda parts: [*parts[0], parts[1], *parts[2]]
)
_signs = st.sampled_from([["x", "=", "-", "5"], ["09:00", "-", "20:00"], ["birthday", "-", "7d"], ["a", ",", "b"]])


def _joined(parts: list[Tokens]) -> Tokens:
    return [token for part in parts for token in part]


def _chained(steps: list[Tokens]) -> Tokens:
    return [token for index, step in enumerate(steps) for token in (["->", *step] if index else step)]


def _chains(elements: st.SearchStrategy[Tokens]) -> st.SearchStrategy[Tokens]:
    steps = st.tuples(_names, st.lists(elements, max_size=4).map(_joined)).map(lambda parts: parts[0] + parts[1])
    return st.lists(steps, min_size=1, max_size=4).map(_chained)


def _nested(elements: st.SearchStrategy[Tokens]) -> st.SearchStrategy[Tokens]:
    blocks = st.one_of(st.just([]), _chains(elements)).map(lambda chain: ["{", *chain, "}"])
    groups = st.lists(elements, max_size=3).map(lambda parts: ["(", *_joined(parts), ")"])
    return st.one_of(blocks, groups)


_flat = st.one_of(_names, _values, _comparisons, _signs)
_elements = st.recursive(_flat, _nested, max_leaves=6)
_bare = st.tuples(st.lists(_flat, max_size=2).map(_joined), _chains(_elements)).map(
    lambda parts: ["when", *parts[0], "->", *parts[1]]
)
_settings = st.sampled_from(
    [
        ["campaign", '"Winback"'],
        ["list", "list", ":", '"Customers"'],
        ["window", "09:00", "-", "20:00"],
        ["exit", "on", "order.placed", ",", "cart.gone"],
        ["in_flight", "keep"],
    ]
)
_threads = st.tuples(st.sampled_from([[], ["when", "lapsed"], ["on", "order.placed"]]), _chains(_elements)).map(
    lambda parts: ["thread", '"T"', *parts[0], "{", *parts[1], "}"]
)
_conversations = st.tuples(
    st.lists(_settings, max_size=3).map(_joined), st.lists(st.one_of(_threads, _bare), max_size=2).map(_joined)
).map(lambda parts: ["conversation", '"C"', "{", *parts[0], *parts[1], "}"])
_declarations = st.sampled_from(
    [["field", "birthday", "date"], ["event", "cart.gone", "{", "id", "text", ",", "total", "number", "}"]]
)
_items = st.tuples(
    st.lists(_declarations, max_size=3).map(_joined), st.lists(st.one_of(_bare, _conversations), min_size=1, max_size=3)
).map(lambda parts: parts[0] + _joined(parts[1]))


@st.composite
def scripts(draw: st.DrawFn) -> str:
    """A script without syntax errors, in any layout, with comments anywhere."""
    tokens = draw(_items)
    gaps = draw(st.lists(st.sampled_from(GAPS), min_size=len(tokens), max_size=len(tokens)))
    tight = draw(st.booleans())
    text = ""
    for token, gap in zip(tokens, gaps, strict=True):
        may_touch = tight and (token in TIGHT or text[-1:] in ("}", "{", ")", "("))
        text += token if may_touch else gap + token
    return text + draw(st.sampled_from(["", "\n", "  # last", "\n# last\n"]))


def without_spans(node: Any) -> Any:
    """A tree as nested tuples that say everything but where it stands; comments count by their number."""
    if isinstance(node, tuple):
        return tuple(without_spans(item) for item in node)
    if not is_dataclass(node):
        return node
    kept = [field.name for field in fields(node) if field.name not in ("span", "origins", "comments")]
    return (type(node).__name__, *(without_spans(getattr(node, name)) for name in kept))
