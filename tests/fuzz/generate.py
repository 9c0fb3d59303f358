"""Scripts made at random from the signatures of the installed words: what plugins declare is what is written.

A seed gives the same script on every machine. Most scripts have mistakes of meaning; few have mistakes of syntax.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import TypeVar

from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.settings import SETTINGS
from conductor_dsl.language.signatures import Kind, Option, Param, Phrase
from conductor_dsl.language.vocabulary import EVENTS, Vocabulary

T = TypeVar("T")
FIELDS = ("tier", "birthday", "vip", "offer", "first_name", "email", "mobile", "visits", "missing_one")
TEXTS = (
    "Hello {{ first_name | default: 'you' }}! Reply STOP.",
    "",
    "\\u00e9 {{",
    "{% if tier %}x{% endif %}",
    'a \\"b\\"',
    "\U0001f600 it\u2019s",
    "Winback1",
    "34567",
)
LITERALS: Mapping[Kind, tuple[str, ...]] = {
    Kind.NUMBER: ("0", "1", "3", "2.50", "999999999999"),
    Kind.DURATION: ("3d", "90m", "1mo", "0d", "48h", "2y", "99999w"),
    Kind.CLOCK: ("09:00", "23:59", "25:61"),
    Kind.DATE: ("2026-11-27", "2024-02-29", "2025-02-30", "0000-00-00"),
    Kind.PERCENT: ("50%", "10%", "0%", "33.3%"),
}
NAMES = ("A", "Winback", "", "Winback SMS", "é", "News", "x" * 70)
GAPS = (" ", " ", " ", "\n", "\n\n", "\t", "  # aside\n", "\r\n")


class Writer:
    """Writes one script, token by token."""

    def __init__(self, seed: int, vocabulary: Vocabulary) -> None:
        self.random = Random(seed)
        self.vocabulary = vocabulary
        self.depth = 0

    def script(self) -> str:
        """A whole file."""
        items = [self._item() for _ in range(self.random.choice((1, 1, 2, 3)))]
        return self._spaced([token for item in items for token in item])

    def _spaced(self, tokens: Iterable[str]) -> str:
        return "".join(f"{token}{self.random.choice(GAPS)}" for token in tokens)

    def _item(self) -> list[str]:
        makers: tuple[Callable[[], list[str]], ...] = (
            self._bare,
            self._bare,
            self._conversation,
            self._conversation,
            self._field,
            self._event,
            self._segment,
            self._test,
        )
        return self.random.choice(makers)()

    def _bare(self) -> list[str]:
        return [*self._trigger(), "->", *self._chain()]

    def _conversation(self) -> list[str]:
        settings = [
            token
            for name in self._some(SETTINGS, 3)
            for token in (name, *self._phrase(self._one(SETTINGS[name].forms)))
        ]
        threads = [token for _ in range(self.random.randint(0, 2)) for token in self._thread()]
        return ["conversation", self._text(NAMES), "{", *settings, *threads, "}"]

    def _thread(self) -> list[str]:
        header = self._trigger() if self.random.random() < 0.8 else []
        return ["thread", self._text(NAMES), *header, "{", *self._chain(), "}"]

    def _trigger(self) -> list[str]:
        trigger = self._one(tuple(self.vocabulary.triggers.values()))
        return [*self._phrase(self._one(trigger.forms)), *self._options(trigger.options)]

    def _field(self) -> list[str]:
        return ["field", self._one(FIELDS), self._one(tuple(ValueType)).value]

    def _event(self) -> list[str]:
        return [
            "event",
            self._one(("cart.left", "order.placed", "x")),
            "{",
            "total",
            "number",
            ",",
            "items",
            "list",
            "}",
        ]

    def _segment(self) -> list[str]:
        return ["segment", self._one(("lapsed", "vips", "tier")), "=", *self._condition()]

    def _test(self) -> list[str]:
        lines = [
            ["given", "contact", "{", "first_name", '"Ada"', "}", "ordered", "70d", "ago"],
            ["at", "2026-03-02", "10:00"],
            ["when", "order.placed", "{", "total", "20", "}", "after", "1d"],
            ["expect", "sms", "contains", '"STOP"'],
            ["expect", "no", "email"],
            ["expect", "end", "after", "3d"],
        ]
        return ["test", self._text(NAMES), "{", *(token for line in self._some(lines, 4) for token in line), "}"]

    def _chain(self) -> list[str]:
        steps = [self._step() for _ in range(self.random.choice((1, 2, 3)))]
        return [token for index, step in enumerate(steps) for token in (["->", *step] if index else step)]

    def _step(self) -> list[str]:
        step = self._one(tuple(self.vocabulary.steps.values()))
        return [step.name, *self._phrase(self._one(step.forms)), *self._options(step.options)]

    def _options(self, options: tuple[Option, ...]) -> list[str]:
        return [token for option in self._some(options, 2) for token in self._phrase(option.phrase)]

    def _phrase(self, phrase: Phrase) -> list[str]:
        return [token for part in phrase for token in ([part] if isinstance(part, str) else self._param(part))]

    def _param(self, param: Param) -> list[str]:
        first = self._value(self._one(param.kinds), param)
        if param.many and self.random.random() < 0.3:
            return [*first, ",", *self._value(self._one(param.kinds), param)]
        return first

    def _value(self, kind: Kind, param: Param) -> list[str]:  # noqa: PLR0911 - one for each kind
        if kind in LITERALS:
            return [self._one(LITERALS[kind])]
        match kind:
            case Kind.TEXT | Kind.TEMPLATE:
                return [self._text(TEXTS)]
            case Kind.REF:
                return [self._one(param.refs), ":", self._text(NAMES)]
            case Kind.WORD:
                return [self._one(param.words or ("word",))]
            case Kind.FIELD:
                return [self._one(FIELDS)]
            case Kind.EVENT:
                return [self._one((*EVENTS, "cart.left", "no.such"))]
            case Kind.PREDICATE:
                return self._condition()
            case Kind.VALUE:
                return self._operand()
        return self._block(kind)

    def _block(self, kind: Kind) -> list[str]:
        if self.depth > 3:
            return ["{", "}"]
        self.depth += 1
        match kind:
            case Kind.ARMS:
                inner = ["50%", self._text(NAMES), "{", *self._chain(), "}", "50%", "{", "}"]
            case Kind.PAYLOAD:
                inner = ["total", *self._operand(), ",", "items", *self._operand()]
            case _:
                inner = self._chain()
        self.depth -= 1
        return ["{", *inner, "}"] if kind is not Kind.BRANCH or self.random.random() < 0.8 else ["pass"]

    def _condition(self) -> list[str]:
        first = self._comparison()
        if self.random.random() < 0.3:
            return [*first, self._one(("and", "or")), *self._comparison()]
        return ["not", "(", *first, ")"] if self.random.random() < 0.1 else first

    def _comparison(self) -> list[str]:
        left = self._operand()
        ways: tuple[list[str], ...] = (
            [],
            [self._one(("=", "!=", "<", ">=")), *self._operand()],
            [self._one(("before", "within")), self._one(LITERALS[Kind.DURATION])],
            ["in", "(", '"a"', ",", '"b"', ")"],
            [self._one(("contains", "starts", "ends")), '"x"'],
        )
        return [*left, *self._one(ways)]

    def _operand(self) -> list[str]:
        if self.random.random() < 0.5 or self.depth > 3:
            return [self._one((*FIELDS, "event.total", "today", "true", "1", '"Gold"', "2026-01-01", "lapsed"))]
        predicate = self._one(tuple(self.vocabulary.predicates.values()))
        self.depth += 1
        written = [predicate.name, *self._phrase(self._one(predicate.forms)), *self._options(predicate.options)]
        self.depth -= 1
        return written

    def _text(self, texts: tuple[str, ...]) -> str:
        return f'"{self._one(texts)}"'

    def _one(self, choices: tuple[T, ...]) -> T:
        return self.random.choice(choices)

    def _some(self, choices: Iterable[T], most: int) -> list[T]:
        listed = list(choices)
        return self.random.sample(listed, min(len(listed), self.random.randint(0, most)))
