"""Providers `twilio` for tests: built as in a project, and closed in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conductor_dsl.api import ChannelProvider, ProviderSetting
from conductor_dsl.cli.provider_sim import ACCOUNT
from conductor_dsl.shared.clock import Clock
from conductor_dsl.store.connect import connect
from conductor_plugins.provider_twilio import TWILIO
from conductor_plugins.provider_twilio.options import read_options
from conductor_plugins.provider_twilio.provider import TwilioProvider
from tests.sim.simulating import TOKEN


def options(url: str, **more: object) -> dict[str, object]:
    """What `conductor.toml` says."""
    return {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": url, "timeout": "30s", "settle": "0s", **more}


def build(folder: Path, url: str, clock: Clock | None = None, **more: object) -> ChannelProvider:
    """The provider of a project in a folder, as it is built, or with a clock of the test's."""
    engine, said = connect(database(folder)), options(url, **more)
    if clock is not None:
        return TwilioProvider(read_options(said), engine, clock=clock)  # type: ignore[no-any-return]
    setting = ProviderSetting(said, str(folder), engine, print, callback_url="http://127.0.0.1:9/c")
    provider: ChannelProvider = TWILIO.build(setting)
    return provider


def database(folder: Path) -> str:
    """The database of the project in a folder."""
    return f"sqlite:///{folder / 'conductor.db'}"


Build = Callable[..., ChannelProvider]


@pytest.fixture
def twilio(tmp_path: Path) -> Iterator[Build]:
    """Builds providers of one project, and closes them in the end."""
    built: list[ChannelProvider] = []

    def build_one(url: str, clock: Clock | None = None, **more: object) -> ChannelProvider:
        built.append(build(tmp_path, url, clock, **more))
        return built[-1]

    yield build_one
    for provider in built:
        provider.close()
