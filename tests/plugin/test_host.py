"""Plugins are found and put together; a bad one is named and does no harm."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from conductor_dsl.api import FlowStep, Operation, PluginError, StepSignature, StepType, Stop, build_host, hookimpl


def stop(step: FlowStep) -> Operation:
    return Stop(step.name)


def plugin_with(*steps: str) -> object:
    class Plugin:
        @hookimpl
        def conductor_steps(self) -> Sequence[StepType]:
            return [StepType(StepSignature(name, "a step"), stop) for name in steps]

    return Plugin()


def test_the_installed_plugins_give_the_words_of_the_language() -> None:
    host = build_host()
    assert host.problems == ()
    assert {"when", "if", "wait", "goto", "end", "sms", "email", "set", "clear"} <= set(host.vocabulary.steps)
    assert host.origins["step", "sms"] == "steps_messages"
    assert set(host.origins.values()) <= {point.name for point in entry_points(group="conductor")}


def test_each_word_is_known_by_the_plugin_that_gave_it() -> None:
    host = build_host([("one", plugin_with("a")), ("two", plugin_with("b", "c"))])
    assert dict(host.origins) == {("step", "a"): "one", ("step", "b"): "two", ("step", "c"): "two"}
    assert list(host.vocabulary.steps) == ["a", "b", "c"]


def test_a_collision_names_both_plugins() -> None:
    with pytest.raises(PluginError, match="the step `a` comes from two plugins, `one` and `two`") as caught:
        build_host([("one", plugin_with("a")), ("two", plugin_with("a"))])
    assert caught.value.hint == "uninstall one of them"


def test_a_plugin_that_raises_is_named_and_the_others_go_on() -> None:
    class Broken:
        @hookimpl
        def conductor_steps(self) -> Sequence[StepType]:
            raise RuntimeError("no connection")

    host = build_host([("broken", Broken()), ("good", plugin_with("a"))])
    assert [(problem.plugin, problem.message) for problem in host.problems] == [
        ("broken", "RuntimeError: no connection")
    ]
    assert list(host.steps) == ["a"]


def test_a_plugin_that_gives_something_else_is_named() -> None:
    class Wrong:
        @hookimpl
        def conductor_steps(self) -> Sequence[str]:
            return ["sms"]

    host = build_host([("wrong", Wrong())])
    assert host.problems[0].message == "conductor_steps gave a str, not a StepType"


def test_a_hook_that_does_not_exist_is_named() -> None:
    class Future:
        @hookimpl
        def conductor_colours(self) -> Sequence[str]:
            return []

    host = build_host([("future", Future()), ("good", plugin_with("a"))])
    assert [problem.plugin for problem in host.problems] == ["future"]
    assert list(host.steps) == ["a"]


def test_an_installed_plugin_that_cannot_be_imported_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "shop_loyalty-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-loyalty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[conductor]\nloyalty = shop_loyalty\n")
    (tmp_path / "shop_loyalty.py").write_text("import a_package_that_is_not_there\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    host = build_host()
    assert [problem.plugin for problem in host.problems] == ["loyalty"]
    assert "a_package_that_is_not_there" in host.problems[0].message
    assert "sms" in host.steps


def test_a_plugin_may_be_any_object_with_hooks() -> None:
    @hookimpl
    def conductor_steps() -> Sequence[StepType]:
        return [StepType(StepSignature("push", "a push message"), stop)]

    module = ModuleType("push")
    module.__dict__["conductor_steps"] = conductor_steps
    assert "push" in build_host([("push", module), ("nothing", SimpleNamespace())]).steps
    assert "push" not in sys.modules
