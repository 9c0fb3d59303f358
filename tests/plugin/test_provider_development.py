"""The provider `development`: the shared suite on both databases, and what is its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.api import ChannelProvider, ConfigError, ProviderSetting
from conductor_dsl.testing.provider_suite import ProviderSuite, outgoing
from conductor_plugins.provider_development import DEVELOPMENT


def build(url: str, lines: list[str], **options: object) -> ChannelProvider:
    """The provider on a database; what it prints is added to `lines`."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    provider: ChannelProvider = DEVELOPMENT.build(ProviderSetting(options, ".", engine, lines.append))
    return provider


def text_of(url: str, key: str) -> str | None:
    """The stored text of a message."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        query = sa.text("SELECT text FROM development_message WHERE key = :key")
        found = connection.execute(query, {"key": key}).scalar()
    engine.dispose()
    return found


class TestOnSqlite(ProviderSuite):
    """The suite on a file."""

    def provider(self, folder: Path) -> ChannelProvider:
        """A provider on the database."""
        return build(f"sqlite:///{folder / 'conductor.db'}", [], quiet=True)

    def stored_text(self, folder: Path, key: str) -> str | None:
        """The text in the row."""
        return text_of(f"sqlite:///{folder / 'conductor.db'}", key)


class TestOnPostgres(ProviderSuite):
    """The suite on a server."""

    channel = "email"

    @pytest.fixture(autouse=True)
    def _database(self, postgres_url: str) -> None:
        self.url = postgres_url

    def provider(self, folder: Path) -> ChannelProvider:
        """A provider on the database."""
        return build(self.url, [], quiet=True)

    def stored_text(self, folder: Path, key: str) -> str | None:
        """The text in the row."""
        return text_of(self.url, key)


def test_each_message_is_printed_as_one_line(sqlite_url: str) -> None:
    lines: list[str] = []
    build(sqlite_url, lines).send([outgoing(1, text="Hello\nAda"), outgoing(2, "email")])
    assert lines == ["sms   to +17175550100  First: Hello Ada", "email to ada@example.com  First: A subject"]


def test_a_long_text_is_cut_in_the_line(sqlite_url: str) -> None:
    lines: list[str] = []
    build(sqlite_url, lines).send([outgoing(1, text="x" * 200)])
    assert lines[0].endswith("x" * 59 + "…")


def test_a_quiet_provider_prints_nothing(sqlite_url: str) -> None:
    lines: list[str] = []
    build(sqlite_url, lines, quiet=True).send([outgoing(1)])
    assert lines == []


@pytest.mark.parametrize("options", [{"quite": True}, {"quiet": "yes"}])
def test_an_option_it_cannot_use_is_refused(sqlite_url: str, options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="development"):
        build(sqlite_url, [], **options)


def test_a_text_with_a_null_character_is_refused_alone(sqlite_url: str) -> None:
    receipts = build(sqlite_url, [], quiet=True).send([outgoing(1, text="a\0b"), outgoing(2)])
    assert [receipt.verdict.value for receipt in receipts] == ["rejected", "accepted"]
