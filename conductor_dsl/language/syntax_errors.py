"""What to say about a syntax error: what was found and what was expected, in the words of marketers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.scan import ScanToken, TokenKind
from conductor_dsl.language.source import Span
from conductor_dsl.language.words import ITEMS, PARTS, SETTINGS
from conductor_dsl.shared.nearest import did_you_mean

_Said = tuple[str, str | None]
LONGEST_QUOTE = 40
BEGINNINGS_HINT = "begin with `when`, `on`, `conversation`, `field` or `event`"
VALUES_HINT = "durations are written `3d`, clock times `09:00`, dates `2026-11-27`, percents `50%`"


@dataclass(frozen=True, slots=True)
class Found:
    """Where the parser stumbled: the tokens, the number of the one in the way, and the terminals expected there."""

    tokens: tuple[ScanToken, ...]
    index: int
    expected: frozenset[str]

    @property
    def token(self) -> ScanToken | None:
        """The token in the way; None at the end of the text."""
        return self.tokens[self.index] if self.index < len(self.tokens) else None

    def before(self, distance: int) -> ScanToken | None:
        """The token that stands so many places before the error."""
        return self.tokens[self.index - distance] if self.index >= distance else None

    def text(self, distance: int = 0) -> str:
        """The text of the token so many places before the error, empty where there is none."""
        token = self.before(distance) if distance else self.token
        return token.text if token else ""

    def is_kind(self, index: int) -> bool:
        """Whether a word is the kind of a reference: a colon follows."""
        return index + 1 < len(self.tokens) and self.tokens[index + 1].text == ":"

    @property
    def name(self) -> str:
        """What was found, as it is put into a message."""
        return f"`{_shortened(self.text())}`" if self.token else "the end of the script"


def syntax_error(found: Found) -> Diagnostic:
    """The finding for an error of the parser."""
    message, hint = next(said for rule in _RULES if (said := rule(found)))
    return error("CDX001", _span(found), message, hint)


def _span(found: Found) -> Span:
    """The token in the way; at the end of the text, the place behind the last one."""
    if found.token:
        return found.token.span
    end = found.tokens[-1].end
    return Span(end, end)


def _shortened(text: str) -> str:
    line = text.partition("\n")[0].rstrip()
    return line if len(line) <= LONGEST_QUOTE and line == text else f"{line[:LONGEST_QUOTE]}..."


def _reference(found: Found) -> _Said | None:
    """`saved: Winback1`."""
    if found.text(1) != ":" or found.expected != {"TEXT"}:
        return None
    kind = found.text(2)
    plain = found.token and found.token.kind in (TokenKind.WORD, TokenKind.VALUE)
    name = found.text() if plain else "Name"
    return f"`{kind}:` needs a name in quotes, not {found.name}", f'write `{kind}:"{name}"`'


def _title(found: Found) -> _Said | None:
    """`thread {`."""
    if found.expected != {"TEXT", "HOLE"}:
        return None
    word = found.text(1)
    plain = found.token and found.token.kind is TokenKind.WORD
    name = found.text() if plain else "Name"
    return f"`{word}` needs a name in quotes, not {found.name}", f'write `{word} "{name}" {{ ... }}`'


def _declaration(found: Found) -> _Said | None:
    """`field birthday`, `event order.placed { total }`."""
    if found.expected == {"WORD"}:
        if "event" in (found.text(1), found.text(2)):
            return f"`event` needs a name, not {found.name}", "write `event order.placed { total number }`"
        return f"a field needs a name and a type, not {found.name}", "write the type behind the name: `birthday date`"
    if "COMMA" in found.expected and "RBRACE" in found.expected and len(found.expected) == 2:
        return f"a `,` is missing before {found.name}", "put commas between the fields of an event"
    if found.expected == {"LBRACE"} and found.text(2) == "event":
        message = f"`event {_shortened(found.text(1))}` needs its fields in braces, not {found.name}"
        return message, f"write `event {_shortened(found.text(1))} {{ total number }}`, or `{{ }}` for none"
    return None


def _step(found: Found) -> _Said | None:
    """`-> ->`, `-> }`, `-> "text"`."""
    if "WORD" not in found.expected or not found.expected <= {"WORD", "HOLE", "RBRACE", "PERCENT"}:
        return None
    if found.text() == "->":
        hint = "remove one arrow" if found.text(1) == "->" else "remove the arrow; the first step stands without one"
        return "a step is missing before `->`", hint
    place = f" after `{found.text(1)}`" if found.text(1) in ("->", "{") else ""
    if found.token is None or found.text() == "}":
        return f"a step is missing{place}", "add a step, or remove the arrow; to finish, write `-> end`"
    return f"{found.name} is not a step", "a step begins with a word, such as `sms`, `wait` or `end`"


def _inside_block(found: Found) -> _Said | None:
    """`{ ... when` and `{ ... thread` inside a block."""
    word = found.text()
    if word == "when":
        return "an arrow is missing before `when`", "write `-> when`"
    if word in ("thread", "conversation"):
        return f"`{word}` cannot stand inside a block", "close the block before it with `}`"
    return None


def _item(found: Found) -> _Said | None:
    """What cannot begin something in a file."""
    if "CONVERSATION" not in found.expected or "WORD" in found.expected or found.token is None:
        return None
    if found.token.kind is TokenKind.WORD:
        hint = did_you_mean(found.text(), ITEMS)
        place = "a script" if found.index == 0 else "anything"
        return f"{found.name} cannot begin {place}", hint or BEGINNINGS_HINT
    if found.text() == "->":
        return "`->` has no step before it", "begin with `when` or `on`"
    return f"{found.name} cannot stand here", BEGINNINGS_HINT


def _part(found: Found) -> _Said | None:
    """What cannot begin something in a conversation."""
    if "THREAD" not in found.expected or "WORD" in found.expected or found.token is None:
        return None
    if found.token.kind is not TokenKind.WORD:
        return f"{found.name} cannot stand here", "a conversation holds settings, threads and chains"
    if found.text() in SETTINGS:
        return f"the setting {found.name} stands too late", "put settings before the first chain"
    hint = did_you_mean(found.text(), (*SETTINGS, *PARTS))
    return f"{found.name} is not a setting", hint or "the settings are " + ", ".join(f"`{word}`" for word in SETTINGS)


def _block(found: Found) -> _Said | None:
    """`thread "Winback" -> ...`, `conversation "Winback" when ...`."""
    if "LBRACE" not in found.expected or "RBRACE" in found.expected or "_ARROW" in found.expected:
        return None
    words = (token.text for token in reversed(found.tokens[: found.index]) if token.kind is TokenKind.WORD)
    word = next((word for word in words if word in ("thread", "conversation")), "conversation")
    if found.token and found.token.kind not in (TokenKind.ARROW, TokenKind.WORD, TokenKind.BRACKET):
        return None
    message = f"the block of the {word} is missing before {found.name}"
    return message, f'put what belongs to it between braces: `{word} "Name" {{ ... }}`'


def _setting(found: Found) -> _Said | None:
    """An arrow or a block behind a setting."""
    if "SETTING" not in found.expected or "LBRACE" in found.expected:
        return None
    if found.text() == "->":
        return "`->` cannot follow a setting", "a chain begins with `when` or `on`"
    if found.text() == "{":
        return "a setting takes no block", "a chain begins with `when` or `on`, a thread with `thread`"
    return None


def _character(found: Found) -> _Said | None:
    """A value that is none, or a sign without a meaning."""
    token = found.token
    if token is None:
        return None
    if token.kind is TokenKind.VALUE:
        return f"{found.name} is not a value", _value_hint(token.text)
    if token.text == ":":
        return "`:` has no meaning here", 'a colon stands between a kind and a name: `saved:"Name"`'
    if token.kind is TokenKind.OTHER:
        name = f"`{token.text}`" if token.text.isprintable() else f"the invisible character `U+{ord(token.text):04X}`"
        return f"{name} has no meaning here", "remove it; text stands in quotes"
    return None


def _value_hint(text: str) -> str:
    hour, _, minute = text.partition(":")
    if len(hour) == 1 and len(minute) == 2:
        return f"write `0{text}`"
    return _twelve_hours(text) or _dotted_date(text) or VALUES_HINT


def _twelve_hours(text: str) -> str | None:
    """`9am`, `8:30pm`."""
    match = re.fullmatch(r"(1[0-2]|[1-9])(?:[:.]([0-5]\d))?([ap])m", text.lower())
    if match is None:
        return None
    hour = int(match[1]) % 12 + (12 if match[3] == "p" else 0)
    return f"write `{hour:02}:{match[2] or '00'}`"


def _dotted_date(text: str) -> str | None:
    """`31.12.2027`."""
    match = re.fullmatch(r"(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.(\d{4})", text)
    return f"write `{match[3]}-{match[2]:0>2}-{match[1]:0>2}`" if match else None


def _otherwise(found: Found) -> _Said | None:
    wanted = [words for terminal, words in _WANTED.items() if terminal in found.expected]
    hint = f"expected here: {', '.join(wanted)}" if wanted else None
    return (f"{found.name} cannot stand here" if found.token else "the script ends too early"), hint


_WANTED = {
    "_ARROW": "`->` and a step",
    "WORD": "a word",
    "TEXT": "text in quotes",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "RPAR": "`)`",
    "COMMA": "`,`",
}
_RULES: tuple[Callable[[Found], _Said | None], ...] = (
    _reference,
    _title,
    _declaration,
    _character,
    _step,
    _item,
    _setting,
    _part,
    _block,
    _inside_block,
    _otherwise,
)
