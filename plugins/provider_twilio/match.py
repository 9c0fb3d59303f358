"""Which messages in a list are ours: a pure function, for a mistake here doubles a message.

A list shows recipients, senders, texts and times, and no key. So a message counts as accepted only if the list has at
least as many of its text as there are keys that ask for one, and as not accepted only if nothing in it could be it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from conductor_plugins.provider_twilio.attempts import Attempt, digest_of

MARGIN = 300_000
"""Milliseconds by which the clocks of the two sides may differ."""


class Listed(NamedTuple):
    """A message in a list: `digest` of its text, `at` in milliseconds, and everything else that was said."""

    digest: str
    at: int
    said: Mapping[str, Any]


class Match(NamedTuple):
    """What a list says of one attempt: the message, or none; `sure` is False where it may be another's."""

    attempt: Attempt
    said: Mapping[str, Any] | None
    sure: bool


def to_listed(said: Mapping[str, Any]) -> Listed | None:
    """A message as it stands in a list; None for one from a person, or for what is no message."""
    try:
        if not str(said["direction"]).startswith("outbound"):
            return None
        created: datetime = parsedate_to_datetime(said["date_created"])
        return Listed(digest_of(str(said["body"])), int(created.timestamp() * 1000), said)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def match(attempts: Sequence[Attempt], listed: Iterable[Listed]) -> Iterator[Match]:
    """What became of attempts with one recipient and sender; `listed` are those of no other key of ours."""
    free = sorted(listed, key=lambda each: each.at)
    asking: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda each: each.tried_at):
        asking[attempt.digest].append(attempt)
    strangers = [each for each in free if each.digest not in asking]
    for digest, alike in asking.items():
        same = [each for each in free if each.digest == digest]
        for place, attempt in enumerate(alike):
            mine = [each for each in same if _may_be(attempt, each)]
            if mine and len(mine) >= len(alike):
                yield Match(attempt, mine[min(place, len(mine) - 1)].said, sure=True)
            else:
                unclear = mine or [each for each in strangers if _may_be(attempt, each)]
                yield Match(attempt, None, sure=not unclear)


def _may_be(attempt: Attempt, listed: Listed) -> bool:
    return bool(listed.at >= attempt.tried_at - MARGIN)
