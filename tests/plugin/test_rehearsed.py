"""The host of a rehearsal holds nothing that could reach anybody outside."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from conductor_dsl.api import ConductorError, Host, PluginError, VirtualClock, build_host
from conductor_dsl.plugin.rehearsed import rehearsed
from conductor_dsl.project.settings import ChannelSettings, Settings
from conductor_dsl.runtime.open_project import Voice, open_node
from conductor_dsl.store.connect import connect
from conductor_plugins import provider_development, provider_file
from tests.plugin.push import CODE


@pytest.fixture
def host() -> Host:
    plugin = ModuleType("push")
    exec(CODE, plugin.__dict__)  # what the tests of the commands install
    return build_host([("push", plugin), ("development", provider_development), ("file", provider_file)])


def test_only_providers_by_which_nothing_leaves_are_left(host: Host) -> None:
    assert set(host.providers) == {"cloud", "development", "file"}
    assert set(rehearsed(host).providers) == {"development", "file"}


def test_of_the_functions_of_steps_only_those_that_read_are_called(host: Host) -> None:
    steps = rehearsed(host).steps
    with pytest.raises(RuntimeError):
        host.steps["ping"].function([], {})  # type: ignore[misc]  # it has one
    assert steps["ping"].function([], {}) is None  # type: ignore[misc]
    assert steps["look"].function is host.steps["look"].function
    assert steps["push"] == host.steps["push"]


def test_the_words_stay(host: Host) -> None:
    assert rehearsed(host).vocabulary == host.vocabulary


def test_a_live_provider_is_refused_before_it_is_built(host: Host, tmp_path: Path) -> None:
    settings = Settings(tmp_path, channels={"push": ChannelSettings("cloud")})
    engine, voice = connect("sqlite://"), Voice(print, print)
    with pytest.raises(PluginError, match="a live provider was built"):
        open_node(settings, host, engine, VirtualClock(0), voice)
    with pytest.raises(ConductorError, match="no plugin gives a provider `cloud` for push"):
        open_node(settings, rehearsed(host), engine, VirtualClock(0), voice)
