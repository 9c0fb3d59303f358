"""From a project's folder to a node: providers, scripts, and publishing all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.project.settings import ChannelSettings, Settings, load_settings
from conductor_dsl.runtime.open_project import (
    Voice,
    carriers_of,
    check_project,
    open_node,
    publish_project,
    require_providers,
)
from conductor_dsl.shared.clock import SystemClock, VirtualClock
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import version
from tests.at_once import NODES, at_once
from tests.cli.serving import LETTER, WELCOME, make_project


@pytest.fixture(scope="module")
def host() -> Host:
    return build_host()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(make_project(tmp_path, {"letter.cdx": LETTER, "welcome.cdx": WELCOME}), {})


@pytest.fixture
def engine(settings: Settings) -> Iterator[sa.Engine]:
    opened = connect(settings.database_url)
    yield opened
    opened.dispose()


def published(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return len(connection.execute(sa.select(version)).all())


def test_every_channel_gets_the_provider_of_its_settings(settings: Settings, host: Host, engine: sa.Engine) -> None:
    mixed = replace(settings, email=replace(settings.email, provider="file"))
    carriers = carriers_of(mixed, host, engine, SystemClock(), print)
    names = {channel: type(each.type.build(each.setting)).__name__ for channel, each in carriers.items()}
    assert names == {"sms": "DevelopmentProvider", "email": "FileProvider", "webhook": "DevelopmentProvider"}


def test_a_provider_that_does_not_carry_the_channel_is_refused(settings: Settings, host: Host) -> None:
    only_email = replace(host.providers["file"], name="post", channels=("email",))
    some = replace(host, providers={**host.providers, "post": only_email})
    require_providers(replace(settings, email=ChannelSettings("post")), some)
    with pytest.raises(ConductorError, match="no plugin gives a provider `post` for sms") as caught:
        require_providers(replace(settings, sms=ChannelSettings("post")), some)
    there_are = ", ".join(f"`{name}`" for name, each in sorted(some.providers.items()) if "sms" in each.channels)
    assert caught.value.hint == f"there are {there_are}; it stands under [sms] in conductor.toml"


def test_an_option_that_the_provider_does_not_know_is_refused(
    settings: Settings, host: Host, engine: sa.Engine
) -> None:
    wrong = replace(settings, sms=ChannelSettings("file", options={"foldr": "x"}))
    with pytest.raises(ConductorError, match="the provider `file` has no option `foldr`"):
        carriers_of(wrong, host, engine, SystemClock(), print)["sms"].open(SystemClock(), {})


def test_publishing_twice_changes_nothing(settings: Settings, host: Host, engine: sa.Engine) -> None:
    checked = check_project(settings.folder, host)
    first = publish_project(engine, settings, host, checked, 1)
    again = publish_project(engine, settings, host, checked, 2)
    assert (sorted(first.new), first.unchanged, first.retired) == (["Letter", "Welcome"], (), ())
    assert (again.new, sorted(again.unchanged), again.retired) == ((), ["Letter", "Welcome"], ())
    assert published(engine) == 2


def test_one_that_cannot_be_published_keeps_back_all(settings: Settings, host: Host, engine: sa.Engine) -> None:
    script = LETTER.replace('subject "We miss you" body "Come back"', 'saved:"Hello"').replace('"Letter"', '"Saved"')
    make_project(settings.folder, {"a_first.cdx": WELCOME.replace("Welcome", "First"), "z_saved.cdx": script})
    (settings.folder / "messages").mkdir()
    message = settings.folder / "messages" / "Hello.html"
    message.write_text("---\nsubject: Hello\nstatus: ready\n---\n<p>Hello</p>")
    checked = check_project(settings.folder, host)
    assert not any(each.report.has_errors for each in checked)
    message.unlink()
    with pytest.raises(ConductorError, match="there is no saved message `Hello`"):
        publish_project(engine, settings, host, checked, 1)
    assert published(engine) == 0


def test_nodes_that_begin_together_publish_once(settings: Settings, host: Host, database_url: str) -> None:
    checked = check_project(settings.folder, host)
    engines = [connect(database_url) for _ in range(NODES)]
    free = iter(engines)
    assert at_once(lambda: publish_project(next(free), settings, host, checked, 1)) == []
    assert published(engines[0]) == 2
    for each in engines:
        each.dispose()


def test_a_folder_without_scripts_is_told_so(tmp_path: Path, host: Host) -> None:
    with pytest.raises(ConductorError, match="there are no scripts"):
        check_project(tmp_path, host)


def test_a_node_runs_what_was_published(settings: Settings, host: Host, engine: sa.Engine) -> None:
    publish_project(engine, settings, host, check_project(settings.folder, host), 1)
    done: list[object] = []
    node = open_node(settings, host, engine, VirtualClock(2), Voice(print, done.append))
    assert node.batch == 10
    assert node.run_due() is not None
    assert [each.thread for each in done if hasattr(each, "thread")] == ["Everybody"]
    node.close()
