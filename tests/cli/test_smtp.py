"""`conductor run` with the provider `smtp`: from a script to the mailbox of a real server, encrypted and logged in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.serving import conductor, make_project, rows
from tests.plugin.mail_server import PASSWORD, Certificates, Mailbox, mail_server

SETTINGS = """
[brand]
name = "Shop"
postal_address = "12 Harbor Street, Portland"
unsubscribe_url = "https://shop.example/leave?c={key}"
[lists]
"News" = "a letter a month"
[email]
provider = "smtp"
from = "Müller <hello@shop.example>"
unsubscribe_to = "leave@shop.example"
host = "127.0.0.1"
port = PORT
security = "starttls"
ca_file = "ca.pem"
username = "conductor"
password = { env = "SMTP_PASSWORD" }
"""
LETTER = """
conversation "Letter" {
  list list:"News"
  thread "All" when no_order_within 60d {
    email saved:"Hello" as "Hello" -> end "done"
  }
}
"""
HELLO = """---
subject: Grüße, {{ first_name }}
class: marketing
---
<html><body><p>Come back, {{ first_name }}.</p>
<p><a href="{{ unsubscribe_url }}">Leave</a> {{ postal_address }}</p></body></html>
"""
CONTACTS = "key,email,first_name\nk1,zoe@example.com,Zoë\nk2,gone@example.com,Bob\nk3,eve@example.com,Eve\n"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def folder(tmp_path: Path, mailbox: Mailbox) -> Iterator[Path]:
    """A project with three contacts, one of whom the server does not know."""
    certificates = Certificates(tmp_path)
    mailbox.answers["gone@example.com"] = "550 5.1.1 <gone@example.com>: no such user"
    with mail_server(mailbox, tls_context=certificates.context(), require_starttls=True) as port:
        shop = make_project(tmp_path, {"letter.cdx": LETTER}, SETTINGS.replace("PORT", str(port)))
        (shop / "messages").mkdir()
        (shop / "messages" / "Hello.html").write_text(HELLO)
        (shop / "contacts.csv").write_text(CONTACTS)
        environ = {"SMTP_PASSWORD": PASSWORD}
        done = conductor("import", "contacts", str(shop / "contacts.csv"), "--project", str(shop), environ=environ)
        assert done.exit_code == 0, done.output
        yield shop


def test_emails_arrive_and_one_unknown_recipient_harms_nobody(folder: Path, mailbox: Mailbox) -> None:
    done = conductor("run", str(folder), environ={"SMTP_PASSWORD": PASSWORD})
    assert done.exit_code == 0, done.output
    mails: Any = {str(each["To"]): each for each in mailbox.mails()}
    assert sorted(mails) == ["eve@example.com", "zoe@example.com"]
    mail = mails["zoe@example.com"]
    assert (mail["From"], mail["Subject"]) == ("Müller <hello@shop.example>", "Grüße, Zoë")
    assert mail["List-ID"] == "News <news.shop.example>"
    by_mail = "<mailto:leave@shop.example?subject=unsubscribe%20k1>"
    assert mail["List-Unsubscribe"] == f"<https://shop.example/leave?c=k1>, {by_mail}"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Date"] and mail["Message-ID"].endswith("@shop.example>")
    assert "Come back, Zoë." in mail.get_body(("plain",)).get_content()
    assert '<a href="https://shop.example/leave?c=k1">' in mail.get_body(("html",)).get_content()
    states = dict(rows(folder, "SELECT address, state FROM intent"))
    assert states == {"eve@example.com": "accepted", "gone@example.com": "rejected", "zoe@example.com": "accepted"}
    assert len(mailbox.logins) == 1


def test_a_wrong_password_leaves_every_message_waiting(folder: Path, mailbox: Mailbox) -> None:
    done = conductor("run", str(folder), environ={"SMTP_PASSWORD": "wrong secret"})
    assert done.exit_code == 0, done.output
    assert mailbox.envelopes == []
    states = rows(folder, "SELECT state, reason, attempts FROM intent")
    assert {state for state, _, _ in states} == {"ready"}
    assert all("does not accept the `username` and `password`" in reason for _, reason, _ in states)
    assert "wrong secret" not in done.output + str(states)


def test_a_password_in_the_file_is_refused(folder: Path) -> None:
    settings = folder / "conductor.toml"
    settings.write_text(settings.read_text().replace('{ env = "SMTP_PASSWORD" }', '"hush hush"'))
    done = conductor("run", str(folder))
    assert done.exit_code == 2, done.output
    assert "`password` is a secret" in done.stderr and "hush" not in done.output
