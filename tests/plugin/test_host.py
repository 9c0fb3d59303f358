"""Plugins are found and put together; a bad one is named and does no harm."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from conductor_dsl.api import (
    Effect,
    Exporter,
    FlowStep,
    Operation,
    PluginError,
    ScriptCheck,
    StepSignature,
    StepType,
    Stop,
    TemplateFilter,
    build_host,
    hookimpl,
)
from conductor_dsl.language.template_filter import LIQUID_FILTERS
from conductor_dsl.messages.environment import environment
from conductor_dsl.plugin.hookspecs import CONTRACT
from tests.plugin.installing import install


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
    install(tmp_path, "loyalty", "import a_package_that_is_not_there\n")
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


def test_a_plugin_that_ends_the_process_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "quitter", "raise SystemExit(3)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [(problem.plugin, problem.message) for problem in build_host().problems] == [("quitter", "SystemExit: 3")]


def test_a_plugin_for_another_contract_says_so() -> None:
    other = SimpleNamespace(CONTRACT=CONTRACT + 1)
    host = build_host([("later", other), ("now", SimpleNamespace(CONTRACT=CONTRACT)), ("good", plugin_with("a"))])
    assert [problem.plugin for problem in host.problems] == ["later"]
    assert host.problems[0].message.startswith("it is made for contract 2 between Conductor and plugins, and here is 1")
    assert list(host.steps) == ["a"]


def test_a_collision_of_installed_plugins_names_their_distributions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "from conductor_dsl.api import *\n@hookimpl\ndef conductor_checks():\n"
    code += "    return [ScriptCheck('SHOP001', 'x', lambda file, context: [])]\n"
    install(tmp_path, "one", code, version="1.5")
    install(tmp_path, "two", code, version="2.0")
    monkeypatch.syspath_prepend(str(tmp_path))
    expected = "the check `SHOP001` comes from two plugins, `one` of shop-one 1.5 and `two` of shop-two 2.0"
    with pytest.raises(PluginError, match=expected):
        build_host()


def test_two_plugins_may_not_have_checks_with_one_prefix() -> None:
    one = giver("conductor_checks", ScriptCheck("SHOP001", "x", lambda _file, _context: []))
    two = giver("conductor_checks", ScriptCheck("SHOP002", "x", lambda _file, _context: []))
    with pytest.raises(PluginError, match="the prefix `SHOP` of checks comes from two plugins, `one` and `two`"):
        build_host([("one", one), ("two", two)])


def test_a_plugin_that_gives_a_thing_twice_is_told_so() -> None:
    with pytest.raises(PluginError, match="the step `a` comes twice from the plugin `one`"):
        build_host([("one", plugin_with("a", "a"))])


@pytest.mark.parametrize(
    ("hook", "gift", "message"),
    [
        ("conductor_steps", None, "conductor_steps gave a NoneType, not a list"),
        ("conductor_filters", [TemplateFilter("upcase", str.upper, "x")], "there is a filter `upcase` already"),
        ("conductor_filters", [TemplateFilter("In Dollars", str, "x")], "`In Dollars` cannot be the name of a filter"),
        ("conductor_checks", [ScriptCheck("CDX999", "x", lambda _file, _context: [])], "the code `CDX999` of a check"),
        ("conductor_checks", [ScriptCheck("shop1", "x", lambda _file, _context: [])], "the code `shop1` of a check"),
        ("conductor_exporters", [Exporter("a b", "x", lambda *_: None)], "`a b` cannot be the name of a provider or"),
        ("conductor_steps", [StepType(StepSignature("now", "x"), stop)], "the word `now` has a meaning of its own"),
        ("conductor_steps", [StepType(StepSignature("Push!", "x"), stop)], "`Push!` is no word"),
        (
            "conductor_steps",
            [StepType(StepSignature("ping", "x"), stop, lambda _rows, _arguments: None)],
            "the step `ping` has a function and does not say what it does to the world",
        ),
    ],
)
def test_a_thing_that_cannot_be_used_makes_its_plugin_broken(hook: str, gift: object, message: str) -> None:
    host = build_host([("bad", giver_of(hook, gift)), ("good", plugin_with("a"))])
    assert [problem.plugin for problem in host.problems] == ["bad"]
    assert message in host.problems[0].message
    assert list(host.steps) == ["a"]


def test_a_function_with_an_effect_is_taken() -> None:
    ping = StepType(StepSignature("ping", "x", effect=Effect.SENDS), stop, lambda _rows, _arguments: None)
    assert build_host([("ping", giver("conductor_steps", ping))]).problems == ()


def test_the_names_that_filters_cannot_have_are_those_that_templates_know() -> None:
    assert set(environment().filters) | {"safe"} == set(LIQUID_FILTERS)


def giver(hook: str, *gifts: object) -> object:
    return giver_of(hook, gifts)


def giver_of(hook: str, gifts: object) -> object:
    """A plugin with one hook."""
    return SimpleNamespace(**{hook: hookimpl(lambda: gifts)})
