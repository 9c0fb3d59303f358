"""A walk over a parsed template that notes every variable it reads."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from liquid import BoundTemplate, RenderContext
from liquid.ast import ConditionalBlockNode, Node
from liquid.builtin.expressions import Filter, FilteredExpression, KeywordArgument, LoopExpression, Path, StringLiteral
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.cycle_tag import CycleNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.expression import Expression

from conductor_dsl.language.template_filter import TemplateFilter
from conductor_dsl.language.vocabulary import VariableUse
from conductor_dsl.messages.environment import MessageEnvironment, to_moment
from conductor_dsl.messages.syntax_problem import Problem
from conductor_dsl.messages.template_guards import tested
from conductor_dsl.shared.nearest import nearest

Scope = Mapping[str, str | None]
"""Local names: the path that each stands for, or None for a value of the template's own."""

_PLAIN_NAME = re.compile(r"[^\W\d][\w-]*")
_PRINTING = (OutputNode, AssignNode, CycleNode)


class UnreadableError(Exception):
    """A template that parses, yet must not be used."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.problem = Problem(message, offset)


@dataclass
class Walk:
    """The variables seen so far, and the names assigned so far, which hold to the end of the template."""

    template: BoundTemplate
    uses: list[VariableUse] = field(default_factory=list)
    assigned: dict[str, str | None] = field(default_factory=dict)

    def visit(self, nodes: Iterable[Node], scope: Scope, guarded: frozenset[str]) -> None:
        """Note what the nodes read, where `guarded` paths have been tested by a condition around them."""
        for node in nodes:
            harmless = not isinstance(node, _PRINTING)
            for expression in node.expressions():
                for part in _loop_range(expression) if isinstance(node, ForNode) else [expression]:
                    self._expression(part, scope, guarded, harmless=harmless or _is_alias(expression, node))
            self._children(node, scope, guarded)
            self._assign(node, scope)

    def _children(self, node: Node, scope: Scope, guarded: frozenset[str]) -> None:
        inner = {**scope, **self._block_names(node, scope)}
        children = node.children(RenderContext(self.template), include_partials=False)
        for child in children:
            self.visit([child], inner, guarded | self._tests_before(node, child, scope))

    def _tests_before(self, node: Node, child: Node, scope: Scope) -> frozenset[str]:
        if isinstance(node, IfNode) and child is node.consequence:
            condition = node.condition
        elif isinstance(node, ConditionalBlockNode):
            condition = node.expression
        else:
            return frozenset()
        return frozenset(filter(None, (self._resolve(path, scope) for path in tested(condition))))

    def _block_names(self, node: Node, scope: Scope) -> dict[str, str | None]:
        names: dict[str, str | None] = {str(name): None for name in node.block_scope()}
        for loop in node.expressions():
            if isinstance(loop, LoopExpression) and isinstance(loop.iterable, Path):
                source = self._resolve(loop.iterable, scope)
                names[loop.identifier] = f"{source}.[]" if source else None
        return names

    def _assign(self, node: Node, scope: Scope) -> None:
        for name in node.template_scope():
            self.assigned[str(name)] = None
        if isinstance(node, AssignNode) and (path := _whole_path(node.expression)):
            self.assigned[str(node.name)] = self._resolve(path, scope)

    def _expression(self, expr: Expression, scope: Scope, guarded: frozenset[str], *, harmless: bool) -> None:
        if isinstance(expr, RangeLiteral):
            raise UnreadableError(f"a range such as `{expr}` can only stand in `for`", expr.token.start_index)
        if isinstance(expr, Path):
            self._note(expr, scope, guarded, harmless=harmless)
        if isinstance(expr, FilteredExpression):
            self._filtered(expr, scope, guarded, harmless=harmless)
            return
        for child in expr.children():
            self._expression(child, scope, guarded, harmless=harmless)

    def _filtered(self, expr: FilteredExpression, scope: Scope, guarded: frozenset[str], *, harmless: bool) -> None:
        filters = expr.filters or []
        for each in filters:
            _check_filter(each, expr.left, self.template)
        defaults = [place for place, each in enumerate(filters) if _fills(each, self.template)]
        last = defaults[-1] if defaults else -1
        self._expression(expr.left, scope, guarded, harmless=harmless or bool(defaults))
        for place, each in enumerate(filters):
            for argument in each.children():
                self._expression(argument, scope, guarded, harmless=harmless or place < last)

    def _note(self, path: Path, scope: Scope, guarded: frozenset[str], *, harmless: bool) -> None:
        resolved = self._resolve(path, scope)
        if resolved is not None:
            safe = harmless or resolved in guarded
            self.uses.append(VariableUse(resolved, path.token.start_index, safe))

    def _resolve(self, path: Path, scope: Scope) -> str | None:
        """The path as the project knows it; what follows a computed place is left out."""
        root, *rest = path.path
        if not isinstance(root, str):
            return None
        known = {**self.assigned, **scope}
        base = known.get(root, root)
        return base and ".".join([base, *_names(rest)])


def _names(segments: Iterable[object]) -> Iterable[str]:
    for segment in segments:
        if isinstance(segment, int):
            yield "[]"
        elif isinstance(segment, str) and _PLAIN_NAME.fullmatch(segment):
            yield segment
        else:
            return


def _loop_range(loop: Expression) -> Iterable[Expression]:
    """The parts of what a `for` runs over: here alone a range may stand, for Liquid counts the rounds.

    Not so when it is reversed, for then Liquid makes a list of it first.
    """
    if not isinstance(loop, LoopExpression) or not isinstance(loop.iterable, RangeLiteral):
        return [loop]
    if loop.reversed:
        raise UnreadableError(f"the range `{loop.iterable}` cannot be reversed", loop.iterable.token.start_index)
    return [part for child in loop.children() for part in (child.children() if child is loop.iterable else [child])]


def _whole_path(expr: Expression) -> Path | None:
    if isinstance(expr, FilteredExpression) and not expr.filters and isinstance(expr.left, Path):
        return expr.left
    return None


def _is_alias(expr: Expression, node: Node) -> bool:
    """Whether the value is only given another name; where that is printed, it is noted again."""
    return isinstance(node, AssignNode) and _whole_path(expr) is not None


def _fills(each: Filter, template: BoundTemplate) -> bool:
    """Whether a filter gives something for a value that is missing."""
    known = _added(template).get(each.name)
    return each.name == "default" or (known is not None and known.fills)


def _added(template: BoundTemplate) -> Mapping[str, TemplateFilter]:
    return template.env.added if isinstance(template.env, MessageEnvironment) else {}


def _check_filter(each: Filter, left: Expression, template: BoundTemplate) -> None:
    if each.name not in template.env.filters:
        near = nearest(each.name, template.env.filters)
        hint = f", did you mean `{near}`?" if near else ""
        raise UnreadableError(f"there is no filter `{each.name}`{hint}", each.token.start_index)
    added = _added(template).get(each.name)
    if added and not _takes(added, each):
        raise UnreadableError(f"the filter `{each.name}` does not take what stands behind it", each.token.start_index)
    if each.name == "date" and isinstance(left, StringLiteral) and to_moment(left.value) is None:
        raise UnreadableError(f"`{left.value}` is not a date", left.token.start_index)


def _takes(added: TemplateFilter, each: Filter) -> bool:
    """Whether a function takes so many arguments, of these names; of a built-in one nobody can tell."""
    named = [argument.name for argument in each.args if isinstance(argument, KeywordArgument)]
    try:
        inspect.signature(added.function).bind(None, *range(len(each.args) - len(named)), **dict.fromkeys(named))
    except ValueError:
        return True
    except TypeError:
        return False
    return True
