"""Which list an e-mail belongs to, and how its reader leaves it, in the words of mailboxes."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from conductor_dsl.messages.list_headers import LONGEST_SENDER_ID, list_headers, unsubscribe_header
from conductor_dsl.messages.mime import to_mime
from conductor_dsl.testing.provider_suite import outgoing

SENDER = "Alder Coffee <hello@alder.example>"


@pytest.mark.parametrize(
    ("name", "list_id"),
    [
        ("News", "News <news.alder.example>"),
        ("Winback texts", "Winback texts <winback-texts.alder.example>"),
        ("Deals & more", '"Deals & more" <deals-more-ba0126c4.alder.example>'),
        ("Neuigkeiten für Zoë", "Neuigkeiten für Zoë <neuigkeiten-f-r-zo-22f26eb5.alder.example>"),
        ("新着", "新着 <b7117444.alder.example>"),
    ],
)
def test_a_list_has_an_id_below_the_domain_of_its_sender(name: str, list_id: str) -> None:
    assert list_headers(name, SENDER)["List-ID"] == list_id


def test_two_lists_never_have_one_id() -> None:
    names = ["a b", "a-b", "a-b!", "a&b", "A_b", "é", "è", "新", "着", "!", "?"]
    assert len({list_headers(name, SENDER)["List-ID"].partition("<")[2] for name in names}) == len(names)


def test_complaints_are_counted_by_list_and_sender() -> None:
    assert list_headers("News", SENDER)["Feedback-ID"] == "news:alder-example"
    long = list_headers("News", "a@a-very-long-name-indeed.example")["Feedback-ID"]
    assert len(long.partition(":")[2]) <= LONGEST_SENDER_ID


def test_a_list_is_left_by_a_page_by_a_mail_or_by_either() -> None:
    page, mail = "https://alder.example/u/1", "leave@alder.example"
    by_mail = "<mailto:leave@alder.example?subject=unsubscribe%20a%26b>"
    assert unsubscribe_header(page, "", "a&b") == f"<{page}>"
    assert unsubscribe_header("", mail, "a&b") == by_mail
    assert unsubscribe_header(page, mail, "a&b") == f"<{page}>, {by_mail}"
    assert unsubscribe_header("", "", "a&b") == ""
    assert unsubscribe_header("", mail, "") == ""


def test_mail_programs_read_the_name_of_the_list() -> None:
    name = "Neuigkeiten für Zoë und viele andere, die sich darüber freuen"
    headers = dict(list_headers(name, SENDER)) | {"List-Unsubscribe": "<mailto:leave@alder.example>"}
    data = to_mime(outgoing(1, "email")._replace(headers=headers)).as_bytes()
    mail: Any = message_from_bytes(data, policy=default)
    assert mail["List-ID"].startswith(name) and mail["List-ID"].endswith(".alder.example>")
    assert mail["List-Unsubscribe-Post"] is None
    assert data.isascii()
