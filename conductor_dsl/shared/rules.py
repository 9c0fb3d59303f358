"""What holds for all conversations of a project, whatever their heads say."""

from __future__ import annotations

from dataclasses import dataclass

from conductor_dsl.shared.hour_book import NO_HOURS, HourBook


@dataclass(frozen=True, slots=True)
class Rules:
    """The hours of the law, caps over all conversations, and how messages are spread.

    `country` is the home of numbers of which nothing else is known. `caps` are (channel, count, duration), as in the
    head of a conversation. Those who waited for a window are spread over `spread` milliseconds from its opening.
    """

    hours: HourBook = NO_HOURS
    country: str = "US"
    caps: tuple[tuple[str, int, str], ...] = ()
    spread: int = 0


NO_RULES = Rules()
"""Neither hours nor caps."""
