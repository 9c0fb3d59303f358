"""CDX210: a text that costs more than it seems to: by one letter, by its length, or by what stands in its gaps."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import BODY, SMS, Sending, sendings
from conductor_dsl.language.checks.text_fill import as_usual, at_longest, unbounded, without_gaps
from conductor_dsl.language.diagnostics import Diagnostic, error, info, warning
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.segments import GSM_BASIC, GSM_EXTENSION, segments

MANY, TOO_MANY, LONGEST = 3, 10, 1_600
"""Segments that make a text dear, that carriers refuse, and the characters that most providers take."""
PLAIN = {
    "’": "'",
    "‘": "'",
    "‚": ",",
    "“": '"',
    "”": '"',
    "„": '"',
    "–": "-",
    "—": "-",
    "−": "-",
    "…": "...",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "•": "*",
    "·": "-",
    "´": "'",
    "`": "'",
    "«": '"',
    "»": '"',
    "×": "x",
    "™": "(TM)",
    "®": "(R)",
    "©": "(C)",
}
"""What looks much the same and does not make a text dearer."""


def check_text_size(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """At most one finding for each text: the dearest."""
    for conversation in file.conversations:
        for sending in sendings(conversation, context, SMS):
            finding = _letter(sending, context) or _length(sending, context) or _gaps(sending, context)
            if finding:
                yield finding


def _letter(sending: Sending, context: Context) -> Diagnostic | None:
    """The first letter that the cheap alphabet lacks, where it makes more segments."""
    body = sending.parts[BODY]
    at = next((at for at, char in enumerate(without_gaps(body)) if not _is_cheap(char)), None)
    if at is None:
        return None
    constants = context.catalogue.constants
    before = segments(as_usual(sending.full, constants)).segments
    after = segments(as_usual("".join(map(_plain, sending.full)), constants)).segments
    if after >= before:
        return None
    char, plain = body[at], _plain(body[at])
    message = f"`{char}` at character {at + 1} makes the text {before} segments instead of {after}{sending.where}"
    span = sending.place(BODY, at, at + 1)
    if plain and all(_is_cheap(_plain(other)[:1] or "?") for other in without_gaps(body)):
        return warning("CDX210", span, message, f"write `{plain}`, and it is sent in the cheaper alphabet")
    return info("CDX210", span, message, "without it, the text is sent in the cheaper alphabet, which fits 160 letters")


def _length(sending: Sending, context: Context) -> Diagnostic | None:
    size = segments(as_usual(sending.full, context.catalogue.constants))
    said = f"the text takes {size.segments} segments ({size.characters} characters){sending.where}"
    if size.segments > TOO_MANY or size.characters > LONGEST:
        return error("CDX210", sending.span, said, f"carriers take {TOO_MANY} segments at most; send an e-mail")
    if size.segments > MANY:
        return warning("CDX210", sending.span, said, "each is paid for; say it in fewer words")
    if size.segments > 1:
        return info("CDX210", sending.span, said, "each is paid for; 160 characters fit into one")
    return None


def _gaps(sending: Sending, context: Context) -> Diagnostic | None:
    constants, conversation = context.catalogue.constants, sending.conversation
    names = unbounded(sending.full, context, conversation)
    usual = segments(as_usual(sending.full, constants)).segments
    longest = segments(at_longest(sending.full, context, conversation)).segments
    if not names or longest <= usual:
        return None
    message = f"with a long `{names[0]}` the text takes {longest} segments instead of {usual}{sending.where}"
    return info("CDX210", sending.span, message, f"bound it: `{{{{ {names[0]} | truncate: 20 }}}}`")


def _is_cheap(char: str) -> bool:
    return char in GSM_BASIC or char in GSM_EXTENSION


def _plain(char: str) -> str:
    """What to write instead: the sign that looks alike, or the letter without its accent, or nothing."""
    if _is_cheap(char):
        return char
    base = unicodedata.normalize("NFKD", char)[0]
    return PLAIN.get(char, base if _is_cheap(base) else "")
