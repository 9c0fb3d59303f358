"""`conductor verify` tells of every promise, and fails where one was broken."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from conductor_dsl.cli.verify import command
from conductor_dsl.runtime.verify.verify import PROMISES
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import run
from tests.conformance.shop import Shop


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in whose database one contact has had a text and waits for an e-mail."""
    (tmp_path / "conductor.toml").write_text('[database]\nurl = "sqlite:///shop.db"\n')
    shop = Shop(connect(f"sqlite:///{tmp_path / 'shop.db'}"))
    shop.contact("a")
    shop.publish('when no_order_within 60d -> sms "Hello" -> wait 3d -> email saved:"Hello" -> end')
    shop.run()
    shop.engine.dispose()
    return tmp_path


def test_a_sound_history_is_told_promise_by_promise(project: Path) -> None:
    done = CliRunner().invoke(command, [str(project)])
    assert done.exit_code == 0, done.output
    assert all(promise.name in done.output for promise in PROMISES)
    assert "ok no run is lost\n" in done.output
    assert "nothing is doubled: only the provider's own log can tell" in done.output
    assert "1 contacts, 1 runs (1 active)\n1 messages, 0 of them ambiguous\n" in done.output


def test_a_broken_promise_is_shown_and_fails(project: Path) -> None:
    engine = connect(f"sqlite:///{project / 'shop.db'}")
    with engine.begin() as connection:
        connection.execute(sa.update(run).values(due_at=None))
    engine.dispose()
    done = CliRunner().invoke(command, [str(project)])
    assert done.exit_code == 1
    assert "broken no run is lost: once\n   contact 1, conversation 1, entry 1: nothing will ever" in done.output
