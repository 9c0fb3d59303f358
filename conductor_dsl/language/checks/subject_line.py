"""CDX304: a subject that is empty, that pretends to be an answer, or that shouts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import EMAIL, Sending, sendings
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import Context

SUBJECT = "subject"
_ANSWER = re.compile(r"\s*(re|fwd?|aw|wg)\s*:", re.IGNORECASE)
_GAP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]")
_FEWEST_LETTERS = 10


def check_subject_line(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every such subject."""
    for conversation in file.conversations:
        for sending in sendings(conversation, context, EMAIL):
            problem = _problem(sending.parts.get(SUBJECT, ""))
            if problem:
                yield _finding(sending, *problem)


def _problem(subject: str) -> tuple[str, str] | None:
    answer = _ANSWER.match(subject)
    if not subject.strip():
        return "the subject is empty", "say in a few words what is inside"
    if answer:
        return f"the subject begins with `{answer[0].strip()}`, but answers nothing", "take it out: it misleads"
    letters = _LETTERS.findall(_GAP.sub("", subject))
    if len(letters) >= _FEWEST_LETTERS and all(letter.isupper() for letter in letters):
        return "the subject is written in capitals alone", "write it as one writes; filters take capitals for spam"
    return None


def _finding(sending: Sending, message: str, hint: str) -> Diagnostic:
    length = len(sending.parts.get(SUBJECT, ""))
    return warning("CDX304", sending.place(SUBJECT, 0, length), f"{message}{sending.where}", hint)
