"""CDX217: a picture that no phone could load, or too many of them."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, BoundStep, Scalar
from conductor_dsl.language.checks.walk import named_values
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.language.web_address import address_problem

PARAMETER = "media"
MOST = 10
"""How many pictures carriers take with one message."""


def check_media(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every picture of a message whose address cannot be used, and the first that is too much."""
    for conversation in file.conversations:
        for step in conversation.steps():
            yield from _check_step(step)


def _check_step(step: BoundStep) -> Iterator[Diagnostic]:
    named = (value for name, value in named_values(step.phrase) if name == PARAMETER)
    pictures = [value for value in named if isinstance(value, Scalar) and value.kind is Kind.TEXT]
    for picture in pictures:
        problem = address_problem(str(picture.value))
        if problem:
            why, hint = problem
            yield error("CDX217", picture.span, f"the picture `{picture.value}` cannot be loaded: {why}", hint)
    if len(pictures) > MOST:
        message = f"`{step.name}` has {len(pictures)} pictures, and carriers take {MOST}"
        yield error("CDX217", pictures[MOST].span, message, "send the others with a message of their own")
