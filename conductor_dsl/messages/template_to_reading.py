"""What a template reads: every variable with its place, or why the template cannot be read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from conductor_dsl.language.template_filter import Filters
from conductor_dsl.language.vocabulary import TemplateReading
from conductor_dsl.messages.environment import LONGEST_TEMPLATE, environment
from conductor_dsl.messages.syntax_problem import Problem, syntax_problem
from conductor_dsl.messages.template_walk import UnreadableError, Walk

PROPERTIES = ("size", "first", "last")
"""What Liquid offers on lists; a name after the second place is taken for one."""


@lru_cache(maxsize=512)
def read_template(text: str, filters: Filters = ()) -> TemplateReading:
    """Every variable of a Liquid template, in the order of the text; never raises.

    A loop variable is resolved to what it runs over (`order.items.[].title`), an assigned name to what it was assigned.
    `has_default` says that a missing value does no harm: it has a `default`, stands in a condition, is looped over, or
    is printed only where a condition has tested it. `filters` are those of plugins.
    """
    template = parse(text, filters)
    if isinstance(template, Problem):
        return TemplateReading(problem=template.message, problem_offset=template.offset)
    walk = Walk(template)
    try:
        walk.visit(template.nodes, {}, frozenset())
    except UnreadableError as error:
        return TemplateReading(problem=error.problem.message, problem_offset=error.problem.offset)
    except RecursionError:  # Liquid's parser may go a little deeper than the walk
        return TemplateReading(problem="the template is nested too deeply")
    return TemplateReading(variables=tuple(sorted(walk.uses, key=lambda use: use.offset)))


def parse(text: str, filters: Filters = (), *, html: bool = False) -> BoundTemplate | Problem:
    """A template as Liquid understands it, or what is wrong with it."""
    if len(text) > LONGEST_TEMPLATE:
        return Problem(f"the template is longer than {LONGEST_TEMPLATE:,} characters", 0)
    env = environment(filters, html=html)
    try:
        return env.from_string(text)
    except LiquidError as error:
        return syntax_problem(env, text, error)


def paths(text: str, filters: Filters = ()) -> tuple[str, ...]:
    """The distinct values that a template needs, sorted: `("event.items", "first_name")`.

    What lies inside a list is part of the list's value, and what lies inside a value that is read whole is part of
    that. Empty for a template that cannot be read.
    """
    needed = {_stored(use.path) for use in read_template(text, filters).variables}
    return tuple(sorted(path for path in needed if not _is_inside(path, needed)))


def _stored(path: str) -> str:
    segments = path.split(".")
    for place, segment in enumerate(segments):
        if segment == "[]" or (place >= 1 and segment in PROPERTIES):
            return ".".join(segments[:place])
    return path


def _is_inside(path: str, others: Iterable[str]) -> bool:
    return any(path.startswith(f"{other}.") for other in others)
