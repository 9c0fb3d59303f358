"""E-mails as bytes: the same on every attempt, readable by any mail program, closed to injected headers."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from conductor_dsl.messages.mime import header_problem, to_mime
from conductor_dsl.plugin.channels import Outgoing

MAIL = Outgoing(
    key="ab" * 16,
    channel="email",
    to="ada@example.com",
    sender="Müller <hello@shop.example>",
    subject="Grüße 🎁",
    text="Hello Zoë\n\nBye",
    html="<p>Hello Zoë</p>",
    valid_for=1,
    contact="1",
    conversation="c",
    step="s",
    headers={"List-Unsubscribe": "<https://shop.example/u/" + "k" * 200 + ">"},
)


def read(message: Outgoing, date: int | None = None) -> Any:
    """The message as a mail program reads it."""
    return message_from_bytes(to_mime(message, date).as_bytes(), policy=default)


def test_a_mail_has_a_text_and_an_html_part() -> None:
    mail = read(MAIL)
    assert mail.get_content_type() == "multipart/alternative"
    assert mail.get_body(("plain",)).get_content().split() == ["Hello", "Zoë", "Bye"]
    assert mail.get_body(("html",)).get_content().strip() == "<p>Hello Zoë</p>"
    assert (mail["Subject"], mail["From"], mail["To"]) == ("Grüße 🎁", "Müller <hello@shop.example>", "ada@example.com")


def test_a_mail_without_html_is_plain_text() -> None:
    assert read(MAIL._replace(html="")).get_content_type() == "text/plain"


def test_every_attempt_has_the_same_bytes() -> None:
    assert to_mime(MAIL, 1_772_445_600_000).as_bytes() == to_mime(MAIL, 1_772_445_600_000).as_bytes()


def test_the_message_id_is_the_dispatch_key_and_the_date_is_handed_in() -> None:
    mail = read(MAIL, 1_772_445_600_000)
    assert mail["Message-ID"] == f"<{'ab' * 16}@shop.example>"
    assert mail["Date"] == "Mon, 02 Mar 2026 10:00:00 +0000"
    assert read(MAIL)["Date"] is None


def test_the_unsubscribe_header_is_one_line_and_takes_one_click() -> None:
    lines = to_mime(MAIL).as_bytes().split(b"\r\n")
    assert f"List-Unsubscribe: {MAIL.headers['List-Unsubscribe']}".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    plain_http = MAIL._replace(headers={"List-Unsubscribe": "<http://shop.example/u>"})
    assert read(plain_http)["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"to": "ada@example.com\nBcc: eve@example.com"},
        {"to": "ada@example.com\u2028x"},
        {"to": ""},
        {"sender": "Shop\r <a@b.example>"},
        {"headers": {"X-A": "1\r\nBcc: eve@example.com"}},
        {"headers": {"X-A: 1\r\nBcc": "eve@example.com"}},
    ],
)
def test_what_would_write_headers_of_its_own_is_refused(change: dict[str, Any]) -> None:
    assert header_problem(MAIL._replace(**change)) is not None
    with pytest.raises(ValueError, match=r"header|address|line break"):
        to_mime(MAIL._replace(**change))


def test_line_breaks_in_a_subject_become_spaces() -> None:
    mail = read(MAIL._replace(subject="Hi\r\nBcc: eve@example.com"))
    assert (mail["Subject"], mail["Bcc"]) == ("Hi Bcc: eve@example.com", None)


@pytest.mark.parametrize("name", ["Alder, Inc.", 'Alder "The" Coffee', "Müller: Söhne (GmbH)", "Zoë"])
def test_whatever_stands_in_the_name_of_a_shop_there_is_one_sender(name: str) -> None:
    mail = read(MAIL._replace(sender=f"{name} <hello@shop.example>"))
    assert [(each.display_name, each.addr_spec) for each in mail["From"].addresses] == [(name, "hello@shop.example")]
    assert mail["Message-ID"].endswith("@shop.example>")


def test_a_mail_says_that_nobody_wrote_it_by_hand() -> None:
    assert read(MAIL)["Auto-Submitted"] == "auto-generated"


def test_a_date_of_its_own_comes_first() -> None:
    own = MAIL._replace(headers={"Date": "Mon, 02 Mar 2026 10:00:00 +0000"})
    assert read(own, 1)["Date"] == "Mon, 02 Mar 2026 10:00:00 +0000"


def test_bytes_are_ascii_so_that_no_server_changes_what_is_signed() -> None:
    assert to_mime(MAIL).as_bytes().isascii()


def test_a_domain_is_written_in_ascii_and_a_name_before_it_is_not() -> None:
    mail = read(MAIL._replace(to="ada@bücher.example", sender="Zoë <a@bücher.example>"))
    assert (mail["To"], mail["From"]) == ("ada@xn--bcher-kva.example", "Zoë <a@xn--bcher-kva.example>")
    with pytest.raises(ValueError, match="cannot be written in ASCII"):
        to_mime(MAIL._replace(to="ada@" + "ü" * 80 + ".example"))
