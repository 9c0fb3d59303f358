"""Revocation: what a STOP to a number ends, by the setting `revokes` of its code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conductor_dsl.language.vocabulary import CODE, EVERYTHING
from conductor_dsl.program.operations import Send
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.store.codes import Code
from conductor_dsl.store.tables import EVERY_LIST, EVERY_TEXT, TEXTS_FROM, texts_from

SOURCE = "text to "
"""How the ledger names a text as the source of a word; the code follows."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a STOP ends: `wholes` stand for many lists, and `lists` end one by one; None for every list there is."""

    wholes: tuple[str, ...]
    lists: frozenset[str] | None

    def holds(self, list_: str) -> bool:
        """Whether a list ends, which is none that stands for others."""
        own = list_ != EVERY_LIST and not list_.startswith(TEXTS_FROM)
        return own and (self.lists is None or list_ in self.lists)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The codes, and for each the lists that are for texts alone and whose texts come from it, in any version."""

    codes: Mapping[str, Code]
    lists: Mapping[str, frozenset[str]]

    def ends(self, code: str) -> Ended:
        """What a STOP to a code ends; a code that nobody knows ends all texts."""
        known = self.codes.get(code)
        scope = known.scope if known else ""
        if scope == EVERYTHING:
            return Ended((EVERY_TEXT, EVERY_LIST), None)
        if scope == CODE:
            elsewhere = frozenset[str]().union(*(lists for other, lists in self.lists.items() if other != code))
            return Ended((texts_from(code),), self.lists.get(code, frozenset()) - elsewhere)
        return Ended((EVERY_TEXT,), frozenset().union(*self.lists.values()))


def lists_by_code(programs: Programs) -> dict[str, frozenset[str]]:
    """The lists whose consent counts for texts from each code; one that counts for e-mails too is left out."""
    found: dict[str, set[str]] = defaultdict(set)
    mailed: set[str] = set()
    for loaded in programs.by_version.values():
        for channel, sender, list_ in _sendings(loaded):
            if channel == "sms":
                found[sender].add(list_)
            else:
                mailed.add(list_)
    return {code: frozenset(lists - mailed) for code, lists in found.items()}


def _sendings(loaded: Loaded) -> Iterator[tuple[str, str, str]]:
    """(channel, sender, list) of every step that sends to people."""
    for step, operation in enumerate(loaded.program.operations):
        if isinstance(operation, Send) and operation.url is None:
            list_ = operation.list or loaded.flow.settings.list or operation.channel
            yield operation.channel, loaded.messages[step].sender, list_
