"""The Liquid that messages are written in: no other files, no clock, no way around escaping, and limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from liquid import BoundTemplate, Environment, RenderContext
from liquid.utils import ReadOnlyChainMap

from conductor_dsl.language.template_filter import Filters, TemplateFilter
from conductor_dsl.messages.filter_to_liquid import filter_to_liquid
from conductor_dsl.shared.clock import to_datetime

LONGEST_TEMPLATE = 500_000
_OTHER_FILES = ("include", "render")
_BYPASSES = ("safe",)


class _MessageContext(RenderContext):
    """A context without the built-in `now` and `today`: a retry must render the same bytes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)


class _MessageTemplate(BoundTemplate):
    context_class = _MessageContext


class MessageEnvironment(Environment):
    """Liquid with limits on loops, variables and output."""

    loop_iteration_limit = 10_000
    local_namespace_limit = 200_000
    output_stream_limit = 1_000_000
    template_class = _MessageTemplate

    def __init__(self, filters: Filters, *, html: bool) -> None:
        super().__init__(autoescape=html)
        self.added: Mapping[str, TemplateFilter] = {each.name: each for each in filters}
        """The filters of plugins, by name."""
        for each in filters:
            self.add_filter(each.name, filter_to_liquid(each, escapes=html))

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register what a message may use."""
        super().setup_tags_and_filters(extra=extra)
        for tag in _OTHER_FILES:
            del self.tags[tag]
        for name in _BYPASSES:
            del self.filters[name]
        self.add_filter("date", date)
        self.add_filter("money", money)


@cache
def environment(filters: Filters = (), *, html: bool = False) -> MessageEnvironment:
    """The environment of plain text, or of HTML, where every value is escaped; with the filters of plugins."""
    return MessageEnvironment(filters, html=html)


def date(value: object, layout: object = "%Y-%m-%d") -> str:
    """The filter `date`: an ISO text, or an instant in milliseconds (UTC), by a `strftime` layout.

    Anything else stays as it is. Liquid's own filter reads the clock and the machine's zone.
    """
    moment = to_moment(value)
    if moment is None:
        return "" if value is None else str(value)
    return moment.strftime(str(layout))


def money(value: object) -> str:
    """The filter `money`: an amount with its two decimals, `19.90`; anything else stays as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "" if value is None else str(value)
    return f"{value:.2f}"


def to_moment(value: object) -> datetime | None:
    """A date as templates see it, or None."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return to_datetime(value)
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
