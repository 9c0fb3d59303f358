"""What is checked once every word has a meaning: one check, one module, one case file, one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.diagnostics import Diagnostic
from conductor_dsl.language.vocabulary import Context

Check = Callable[[BoundFile, Context], Iterable[Diagnostic]]

CHECKS: tuple[Check, ...] = ()
