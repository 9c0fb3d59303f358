"""What holds for all conversations of a project, whatever their heads say."""

from __future__ import annotations

from dataclasses import dataclass

from conductor_dsl.shared.hour_book import NO_HOURS, HourBook


@dataclass(frozen=True, slots=True)
class Keep:
    """How long the past is kept, as durations: what became of messages and runs, and events. Empty is for ever."""

    history: str = ""
    events: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The hours of the law, caps over all conversations, how messages are spread, and what is kept.

    `country` is the home of numbers of which nothing else is known. `caps` are (channel, count, duration), as in the
    head of a conversation. Those who waited for a window are spread over `spread` milliseconds from its opening.
    `keep` says what may be deleted.
    """

    hours: HourBook = NO_HOURS
    country: str = "US"
    caps: tuple[tuple[str, int, str], ...] = ()
    spread: int = 0
    keep: Keep = Keep()


NO_RULES = Rules()
"""Neither hours nor caps."""
