"""Size budgets: what a reader can hold in mind at once; ruff and mypy look after documentation and annotations."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import CODE, files, shown

MODULE_LINES = 400
FUNCTION_LINES = 50
POSITIONAL_PARAMETERS = 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_no_module_is_too_long() -> None:
    long = {
        shown(path): count for path in files(*CODE, "tests", suffix=".py") if (count := line_count(path)) > MODULE_LINES
    }
    assert long == {}


def test_no_function_is_too_long() -> None:
    long = {name: count for name, node in functions() if (count := body_lines(node)) > FUNCTION_LINES}
    assert long == {}


def test_no_function_takes_too_many_positional_parameters() -> None:
    wide = {name: count for name, node in functions() if (count := positional(node)) > POSITIONAL_PARAMETERS}
    assert wide == {}


def test_a_docstring_does_not_count_as_length_nor_self_as_a_parameter() -> None:
    source = 'class C:\n  def f(self, a, /, b, *, c):\n    """One.\n\n    Two.\n    """\n    return a\n'
    function = ast.parse(source).body[0].body[0]  # type: ignore[attr-defined]
    assert body_lines(function) == 2
    assert positional(function) == 2


def functions() -> Iterator[tuple[str, Function]]:
    """Every function and method of the code, with a name to show."""
    for path in files(*CODE, "tests", suffix=".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield f"{shown(path)}:{node.lineno} {node.name}", node


def line_count(path: Path) -> int:
    """The number of lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def body_lines(node: Function) -> int:
    """The lines of a function from `def` to its end, without its docstring."""
    first = node.body[0]
    documentation = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) is not None else 0
    return (node.end_lineno or 0) - node.lineno + 1 - documentation


def positional(node: Function) -> int:
    """The number of parameters that may be given by position, `self` and `cls` aside."""
    names = [parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args)]
    return len(names[1:] if names[:1] in (["self"], ["cls"]) else names)
