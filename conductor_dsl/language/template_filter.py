"""A filter that a plugin adds to the templates of messages: `{{ points | in_dollars }}`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LONGEST_RESULT = 10_000
"""Characters of what a filter gives that names no bound of its own."""


@dataclass(frozen=True, slots=True)
class TemplateFilter:
    """A filter: its name, what it does, and what the checks and the renderer must know of its result.

    `function` gets the value and the arguments as written, and gives a value; it depends on nothing else, not even on
    the clock, for a message that is tried again must be the same. `longest` bounds its result in characters: checks
    count on it, and a longer one is refused. With `html` the result is HTML and is not escaped again: then the texts
    that the function gets are escaped already, and a plain text gets what can be read of the result. `fills` says that
    a missing value (None) does it no harm, so that no `default` need stand before it.
    """

    name: str
    function: Callable[..., object]
    summary: str
    longest: int = LONGEST_RESULT
    html: bool = False
    fills: bool = False
    example: str = ""


Filters = tuple[TemplateFilter, ...]
"""The filters of all plugins; what a template means depends on them."""

LIQUID_FILTERS = frozenset(
    """
    abs append at_least at_most base64_decode base64_encode base64_url_safe_decode base64_url_safe_encode capitalize
    ceil compact concat date default divided_by downcase escape escape_once escapejs find find_index first floor has
    join last lstrip map minus modulo money newline_to_br plus prepend reject remove remove_first remove_last replace
    replace_first replace_last reverse round rstrip safe size slice sort sort_natural split squish strip
    strip_html strip_newlines sum times truncate truncatewords uniq upcase url_decode url_encode where
    """.split()
)
"""The names that Liquid and Conductor have taken; `safe` is one that messages may not use."""
