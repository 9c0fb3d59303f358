"""CDX019: an e-mail address of a step that cannot be one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Scalar
from conductor_dsl.language.checks.walk import named_values
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.vocabulary import Context

ADDRESS = re.compile(r"[^@\s,;<>\"]+@(?:[^@\s.,;<>\"]+\.)+[^@\s.,;<>\"]{2,}")
NAMED_ADDRESS = re.compile(rf"[^<>\"]*<{ADDRESS.pattern}>")
PARAMETERS = ("address", "sender", "reply_to")


def check_staff_address(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every text in the place of an address that is none."""
    for conversation in file.conversations:
        for step in conversation.steps():
            for name, value in named_values(step.phrase):
                if name in PARAMETERS and isinstance(value, Scalar) and value.kind is Kind.TEXT:
                    text = str(value.value)
                    if not ADDRESS.fullmatch(text) and not (name != "address" and NAMED_ADDRESS.fullmatch(text)):
                        hint = "write one address, such as `crm@shop.example`"
                        yield error("CDX019", value.span, f"`{text}` is not an e-mail address", hint)
