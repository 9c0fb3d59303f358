"""Our own steps and conditions keep the rules that authors of plugins are held to."""

from __future__ import annotations

from types import ModuleType

import pytest

from conductor_dsl.testing.predicate_suite import PredicateSuite
from conductor_dsl.testing.step_suite import StepSuite
from conductor_plugins import predicates_lists, steps_calls, steps_messages
from tests.language.contexts import project


class TestSteps(StepSuite):
    """The steps that send."""

    catalogue = project().catalogue
    declarations = "field code text"

    @pytest.fixture(params=[steps_messages, steps_calls], autouse=True)
    def _module(self, request: pytest.FixtureRequest) -> None:
        self.module: ModuleType = request.param

    def plugin(self) -> object:
        return self.module


class TestConditions(PredicateSuite):
    """Conditions over lists."""

    catalogue = project().catalogue
    crowd = 120

    @pytest.fixture(params=[predicates_lists], autouse=True)
    def _module(self, request: pytest.FixtureRequest) -> None:
        self.module: ModuleType = request.param

    def plugin(self) -> object:
        return self.module
