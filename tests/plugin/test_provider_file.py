"""The provider `file`: the shared suite for both channels, and what is its own."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.api import ChannelProvider, ConfigError, ProviderSetting, Verdict
from conductor_dsl.testing.provider_suite import ProviderSuite, outgoing
from conductor_plugins.provider_file import FILE


def build(project: Path, **options: object) -> ChannelProvider:
    """The provider of a project in a folder."""
    provider: ChannelProvider = FILE.build(ProviderSetting(options, str(project), sa.create_engine("sqlite://"), print))
    return provider


def read_mail(path: Path) -> EmailMessage:
    """An `.eml` file as a mail program reads it."""
    mail: Any = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


class TestTexts(ProviderSuite):
    """The suite for `.txt` files."""

    large_batch = 500

    def provider(self, folder: Path) -> ChannelProvider:
        """A provider whose outbox lies in the folder."""
        return build(folder)

    def stored_text(self, folder: Path, key: str) -> str | None:
        """The text in the file."""
        written = (folder / "outbox" / key[:2] / f"{key}.txt").read_text(encoding="utf-8")
        return written.partition("\n\n")[2]


class TestCalls(ProviderSuite):
    """The suite for `.http` files."""

    channel = "webhook"
    large_batch = 100

    def provider(self, folder: Path) -> ChannelProvider:
        """A provider whose outbox lies in the folder."""
        return build(folder)

    def stored_text(self, folder: Path, key: str) -> str | None:
        """What would be told."""
        written = (folder / "outbox" / key[:2] / f"{key}.http").read_text(encoding="utf-8")
        return written.partition("\n\n")[2]


class TestMails(ProviderSuite):
    """The suite for `.eml` files."""

    channel = "email"
    large_batch = 100

    def provider(self, folder: Path) -> ChannelProvider:
        """A provider whose outbox lies in the folder."""
        return build(folder)

    def stored_text(self, folder: Path, key: str) -> str | None:
        """The text in the file."""
        part = read_mail(folder / "outbox" / key[:2] / f"{key}.eml").get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n").removesuffix("\n")


def test_a_message_is_written_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    provider = build(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        receipt = provider.send([outgoing(1)])[0]
    assert receipt.verdict is Verdict.TRANSIENT
    assert "no space left on device" in receipt.detail
    assert provider.look_up([outgoing(1).key]) == {}
    assert provider.send([outgoing(1)])[0].verdict is Verdict.ACCEPTED


def test_a_folder_that_is_a_file_gives_transient_receipts(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    receipts = build(tmp_path).send([outgoing(1), outgoing(2)])
    assert [receipt.verdict for receipt in receipts] == [Verdict.TRANSIENT] * 2
    assert str(tmp_path / "outbox") in receipts[0].detail


def test_the_folder_can_be_chosen_and_synced(tmp_path: Path) -> None:
    build(tmp_path, folder="mail/out", fsync=True).send([outgoing(1)])
    names = [path.name for path in (tmp_path / "mail/out").rglob("*") if path.is_file()]
    assert names == [f"{outgoing(1).key}.txt"]


def test_a_subject_cannot_write_headers_of_its_own(tmp_path: Path) -> None:
    build(tmp_path).send([outgoing(1, "email")._replace(subject="Hi\r\nBcc: eve@example.com\r\n\r\nbody")])
    mail = read_mail(next((tmp_path / "outbox").rglob("*.eml")))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hi Bcc: eve@example.com body"


def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    receipt = build(tmp_path).send([outgoing(1)._replace(key="../../evil")])[0]
    assert receipt.verdict is Verdict.REJECTED
    assert build(tmp_path).look_up(["../../evil"]) == {}


@pytest.mark.parametrize("options", [{"dir": "x"}, {"folder": 3}, {"folder": ""}, {"fsync": 1}])
def test_an_option_it_cannot_use_is_refused(tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="file"):
        build(tmp_path, **options)


def test_a_call_is_written_as_it_would_be_made(tmp_path: Path) -> None:
    build(tmp_path).send([outgoing(1, "webhook", '{"a": 1}')])
    [path] = (tmp_path / "outbox").rglob("*.http")
    assert path.read_text().splitlines() == [
        "POST https://hooks.shop.example/loyalty",
        "Content-Type: application/json",
        f"Idempotency-Key: {path.stem}",
        "",
        '{"a": 1}',
    ]


def test_pictures_are_named_beside_the_text(tmp_path: Path) -> None:
    build(tmp_path).send([outgoing(1)._replace(media=("https://shop.example/1.jpg", "https://shop.example/2.jpg"))])
    [path] = (tmp_path / "outbox").rglob("*.txt")
    assert path.read_text().splitlines()[3:5] == [f"Media: https://shop.example/{n}.jpg" for n in (1, 2)]
