"""The provider `smtp` before a real server: the shared suite, and what arrives."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import dkim
import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import AuthResult
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from conductor_dsl.api import ChannelProvider, Mark, Outgoing, ProviderSetting, Receipt, SystemClock, Verdict
from conductor_dsl.testing.provider_suite import ProviderSuite, outgoing
from conductor_plugins.provider_smtp import SMTP
from conductor_plugins.provider_smtp import batch as batches
from tests.plugin.mail_server import HOST, PASSWORD, USERNAME, Certificates, Mailbox, mail_server

# The server does not see that it is encrypted where it is from the first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def _has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message is begun, however slow the machine is: what becomes of those that are not is told elsewhere."""
    for name in ("BEGIN_WITHIN", "TALK_WITHIN", "END_WITHIN"):
        monkeypatch.setattr(batches, name, 60_000)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(mailbox: Mailbox, certificates: Certificates) -> Iterator[int]:
    """The port of a server that is encrypted from the first byte."""
    with mail_server(mailbox, ssl_context=certificates.context(), auth_require_tls=False) as port:
        yield port


def build(port: int, ca_file: Path, **options: object) -> ChannelProvider:
    """A provider that hands its mail to the server at a port."""
    told = {"host": HOST, "port": port, "security": "tls", "ca_file": str(ca_file), "username": USERNAME}
    told |= {"password": PASSWORD, "connections": 1, **options}
    setting = ProviderSetting(
        {k: v for k, v in told.items() if v is not None}, "/", sa.create_engine("sqlite://"), print
    )
    provider: ChannelProvider = SMTP.build(setting)
    return provider


def mail(number: int, **changes: Any) -> Outgoing:
    return outgoing(number, "email")._replace(to=f"ada{number}@example.com", **changes)


def verdicts(receipts: Any) -> list[Verdict]:
    return [receipt.verdict for receipt in sorted(receipts, key=lambda each: each.key)]


class TestMails(ProviderSuite):
    """The suite, before a server with TLS and a login."""

    channel = "email"
    can_look_up = False
    large_batch = 200

    @pytest.fixture(autouse=True)
    def _server(self, mailbox: Mailbox, port: int, certificates: Certificates) -> Iterator[None]:
        self.made: list[ChannelProvider] = []
        self.port, self.mailbox, self.ca_file = port, mailbox, certificates.ca_file
        yield
        for each in self.made:
            each.close()

    def provider(self, folder: Path) -> ChannelProvider:
        """A provider before the one server."""
        self.made.append(build(self.port, self.ca_file, connections=4))
        return self.made[-1]

    def stored_text(self, folder: Path, key: str) -> str | None:
        """The text part of the mail that came first."""
        found = [each for each in self.mailbox.mails() if str(each["Message-ID"]).startswith(f"<{key}@")]
        body: Any = found[0].get_body(("plain",))
        return str(body.get_content()).replace("\r\n", "\n").removesuffix("\n")


@pytest.fixture
def provider(port: int, certificates: Certificates) -> Iterator[ChannelProvider]:
    built = build(port, certificates.ca_file)
    yield built
    built.close()


def test_what_arrives_is_what_was_written(provider: ChannelProvider, mailbox: Mailbox) -> None:
    sent = mail(
        1, sender="Müller & Söhne <hello@shop.example>", subject="Grüße 🎁", html="<p>.\n. Zoë</p>", text=".a\n..\nß"
    )
    [receipt] = provider.send([sent])
    assert receipt == Receipt(sent.key, Verdict.ACCEPTED, f"<{sent.key}@shop.example>", detail="2.0.0 Ok: queued as Q1")
    [envelope], [arrived] = mailbox.envelopes, mailbox.mails()
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@shop.example", ["ada1@example.com"])
    assert (arrived["From"], arrived["Subject"]) == ("Müller & Söhne <hello@shop.example>", "Grüße 🎁")
    plain: Any = arrived.get_body(("plain",))
    assert plain.get_content().split() == [".a", "..", "ß"]
    html: Any = arrived.get_body(("html",))
    assert html.get_content().split() == ["<p>.", ".", "Zoë</p>"]
    assert envelope.content.isascii()


def test_a_mail_without_a_date_gets_the_one_of_now(provider: ChannelProvider, mailbox: Mailbox) -> None:
    provider.send([mail(1), mail(2, headers={"Date": "Mon, 02 Mar 2026 10:00:00 +0000"})])
    now, given = (parsedate_to_datetime(each["Date"]).timestamp() for each in mailbox.mails())
    assert abs(now * 1_000 - SystemClock().now()) < 600_000
    assert given == 1_772_445_600


def test_one_connection_serves_many_messages_and_batches(provider: ChannelProvider, mailbox: Mailbox) -> None:
    for start in (1, 11, 21):
        assert set(verdicts(provider.send([mail(start + number) for number in range(10)]))) == {Verdict.ACCEPTED}
    assert (len(mailbox.envelopes), len(mailbox.logins)) == (30, 1)


def test_a_connection_is_opened_anew_after_so_many_messages(
    port: int, certificates: Certificates, mailbox: Mailbox
) -> None:
    provider = build(port, certificates.ca_file, messages_per_connection=4)
    provider.send([mail(number) for number in range(10)])
    provider.close()
    assert (len(mailbox.envelopes), len(mailbox.logins)) == (10, 3)


class Meeting(Mailbox):
    """Takes no mail before a second connection has logged in, which could be late otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self._met = asyncio.Event()

    def authenticate(self, *told: Any) -> AuthResult:
        """Count them."""
        result = super().authenticate(*told)
        if len(self.logins) > 1:
            self._met.set()
        return result

    async def handle_DATA(self, *told: Any) -> str:  # noqa: N802  (aiosmtpd calls it so)
        """Keep a message, in time."""
        await self._met.wait()
        return await super().handle_DATA(*told)


def test_connections_side_by_side_share_a_batch(certificates: Certificates) -> None:
    mailbox = Meeting()
    with mail_server(mailbox, ssl_context=certificates.context(), auth_require_tls=False) as port:
        provider = build(port, certificates.ca_file, connections=3)
        receipts = provider.send([mail(number) for number in range(40)])
        provider.close()
    assert sorted(receipt.key for receipt in receipts) == sorted({mail(number).key for number in range(40)})
    assert sorted(each.rcpt_tos[0] for each in mailbox.envelopes) == sorted(
        f"ada{number}@example.com" for number in range(40)
    )
    assert 1 < len(mailbox.logins) <= 3


def test_a_refused_recipient_harms_nobody_else(provider: ChannelProvider, mailbox: Mailbox) -> None:
    mailbox.answers = {
        "ada2@example.com": "550 5.1.1 <ada2@example.com>: no such user",
        "ada3@example.com": "452 4.2.2 mailbox full",
        "ada4@example.com": "554 5.7.1 blocked by policy",
    }
    by_number = sorted(provider.send([mail(number) for number in range(1, 7)]), key=lambda each: each.key)
    assert [(each.verdict, each.code, each.mark) for each in by_number[1:4]] == [
        (Verdict.REJECTED, "5.1.1", Mark.INVALID),
        (Verdict.TRANSIENT, "4.2.2", Mark.NONE),
        (Verdict.REJECTED, "5.7.1", Mark.NONE),
    ]
    assert by_number[1].detail == "there is no such mailbox; the server says: <address>: no such user"
    assert {each.verdict for each in (by_number[0], *by_number[4:])} == {Verdict.ACCEPTED}
    assert len(mailbox.logins) == 1


def test_addresses_beyond_ascii_go_to_servers_that_take_them(
    certificates: Certificates, provider: ChannelProvider, mailbox: Mailbox
) -> None:
    batch = [mail(1)._replace(to="zoë@example.com"), mail(2)._replace(to="ada@bücher.example")]
    assert set(verdicts(provider.send(batch))) == {Verdict.ACCEPTED}
    assert [each.rcpt_tos for each in mailbox.envelopes] == [["zoë@example.com"], ["ada@xn--bcher-kva.example"]]
    old = Mailbox()
    with mail_server(old, ssl_context=certificates.context(), auth_require_tls=False, enable_SMTPUTF8=False) as port:
        other = build(port, certificates.ca_file)
        receipts = other.send([*batch, mail(3)])
        other.close()
    assert verdicts(receipts) == [Verdict.REJECTED, Verdict.ACCEPTED, Verdict.ACCEPTED]
    assert receipts[0].detail == "the server takes no address with letters beyond ASCII"


@pytest.mark.parametrize("to", ["a@example.com, b@example.com", "nobody", "a b@example.com", "<>"])
def test_what_is_not_one_address_is_refused(provider: ChannelProvider, mailbox: Mailbox, to: str) -> None:
    [receipt] = provider.send([mail(1)._replace(to=to)])
    assert (receipt.verdict, receipt.detail) == (
        Verdict.REJECTED,
        "the recipient is not one address that mail can be sent to",
    )
    assert mailbox.envelopes == []


def test_a_connection_becomes_encrypted_by_starttls(certificates: Certificates, mailbox: Mailbox) -> None:
    with mail_server(mailbox, tls_context=certificates.context(), require_starttls=True) as port:
        provider = build(port, certificates.ca_file, security="starttls", return_path="bounces@shop.example")
        receipts = provider.send([mail(1), mail(2)])
        provider.close()
    assert verdicts(receipts) == [Verdict.ACCEPTED, Verdict.ACCEPTED]
    assert (mailbox.envelopes[0].mail_from, len(mailbox.logins)) == ("bounces@shop.example", 1)


def test_a_wrong_password_lets_everybody_wait_and_nobody_fail(
    port: int, certificates: Certificates, mailbox: Mailbox
) -> None:
    provider = build(port, certificates.ca_file, password="wrong secret", connections=4)
    receipts = provider.send([mail(number) for number in range(20)])
    provider.close()
    assert {(each.verdict, each.code, each.retry_after) for each in receipts} == {
        (Verdict.TRANSIENT, "login 5.7.8", 300_000)
    }
    assert len({each.key for each in receipts}) == 20
    assert "does not accept the `username` and `password`" in receipts[0].detail
    assert not any("wrong secret" in str(each) for each in receipts)
    assert mailbox.envelopes == []


def test_a_password_may_have_any_letters(certificates: Certificates) -> None:
    mailbox = Mailbox(password="geheimnisträger 🔑")
    with mail_server(mailbox, tls_context=certificates.context(), require_starttls=True) as port:
        provider = build(port, certificates.ca_file, security="starttls", password="geheimnisträger 🔑")
        receipts = provider.send([mail(1)])
        provider.close()
    assert (verdicts(receipts), mailbox.logins) == ([Verdict.ACCEPTED], ["PLAIN"])


def test_a_server_that_knows_other_logins_gets_one(certificates: Certificates, mailbox: Mailbox) -> None:
    how = {"tls_context": certificates.context(), "require_starttls": True, "auth_exclude_mechanism": ["PLAIN"]}
    with mail_server(mailbox, **how) as port:
        provider = build(port, certificates.ca_file, security="starttls")
        receipts = provider.send([mail(1)])
        provider.close()
    assert (verdicts(receipts), mailbox.logins) == ([Verdict.ACCEPTED], ["LOGIN"])


def test_a_certificate_of_somebody_else_is_not_trusted(port: int, mailbox: Mailbox, tmp_path: Path) -> None:
    provider = build(port, Certificates(tmp_path).ca_file)
    receipts = provider.send([mail(1), mail(2)])
    assert {(each.verdict, each.code, each.retry_after) for each in receipts} == {
        (Verdict.TRANSIENT, "tls untrusted", 300_000)
    }
    assert receipts[0].detail.startswith("the certificate of the server is not trusted: ")
    assert (mailbox.logins, mailbox.envelopes) == ([], [])


def test_a_signature_covers_the_headers_of_one_click(
    port: int, certificates: Certificates, mailbox: Mailbox, tmp_path: Path
) -> None:
    key = rsa.generate_private_key(65_537, 2_048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    (tmp_path / "dkim.pem").write_bytes(key.private_bytes(*form))
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    provider = build(
        port,
        certificates.ca_file,
        dkim={"domain": "shop.example", "selector": "s1", "key_file": str(tmp_path / "dkim.pem")},
    )
    headers = {"List-Unsubscribe": "<https://shop.example/u/1>", "List-ID": "News <news.shop.example>"}
    receipts = provider.send([mail(1, text="Grüße\n.\n", headers=headers)])
    provider.close()
    assert verdicts(receipts) == [Verdict.ACCEPTED]
    [arrived] = [each.original_content for each in mailbox.envelopes]
    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    assert dkim.verify(arrived, dnsfunc=dns)
    assert asked == [b"s1._domainkey.shop.example."]
    assert not dkim.verify(arrived.replace(b"/u/1", b"/u/2"), dnsfunc=dns)
    assert not dkim.verify(arrived.replace(b"One-Click", b"Two-Click"), dnsfunc=dns)
    [signed] = re.findall(rb";h=([^;]+);", b"".join(arrived.partition(b"\r\nFrom:")[0].split()))
    assert signed.split(b":").count(b"from") == 2, "another From, added on the way, would not be noticed"
