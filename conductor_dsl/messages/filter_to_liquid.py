"""A plugin's filter as one of Liquid: its result bounded, its mistakes an error of the message alone."""

from __future__ import annotations

from collections.abc import Callable

from liquid import Markup
from liquid.exceptions import FilterError

from conductor_dsl.language.template_filter import TemplateFilter
from conductor_dsl.messages.html_to_text import html_to_text


def filter_to_liquid(each: TemplateFilter, *, escapes: bool) -> Callable[..., object]:
    """What Liquid calls; `escapes` says that the template is HTML, where values are escaped as they are printed.

    A filter that gives HTML gets its texts escaped already, so that what a contact wrote can never become a tag.
    """

    def call(value: object, *arguments: object, **named: object) -> object:
        if each.html:
            value, *arguments = map(_escaped, (value, *arguments))  # type: ignore[assignment]  # a list is as good
            named = {name: _escaped(given) for name, given in named.items()}
        try:
            result = each.function(value, *arguments, **named)
        except Exception as failure:
            raise FilterError(f"the filter `{each.name}` failed: {failure}", token=None) from failure
        return _finished(each, result, escapes=escapes)

    return call


def _escaped(value: object) -> object:
    """A text as HTML shows it, still a plain `str`, so that nothing that is done with it escapes it again."""
    return str(Markup.escape(value)) if isinstance(value, str) else value


def _finished(each: TemplateFilter, result: object, *, escapes: bool) -> object:
    if not isinstance(result, str):
        return result
    if len(result) > each.longest:
        raise FilterError(f"the filter `{each.name}` gave more than {each.longest:,} characters", token=None)
    if each.html:
        return Markup(result) if escapes else html_to_text(result)
    return result
