"""Files of `messages/`: what they say, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor_dsl.messages.saved_messages import SavedMessageError, load_saved_messages, read_saved_message

GOOD = """---
subject: We miss you, {{ first_name }}: come back
preheader: "15% off"
from: Shop <hello@shop.example>
class: marketing
status: draft
---

<p>Hello</p>
"""


def test_a_message_is_its_front_matter_and_its_body() -> None:
    message = read_saved_message("Winback1", GOOD)
    assert (message.name, message.channel, message.status) == ("Winback1", "email", "draft")
    assert message.subject == "We miss you, {{ first_name }}: come back"
    assert (message.preheader, message.sender, message.message_class) == (
        "15% off",
        "Shop <hello@shop.example>",
        "marketing",
    )
    assert message.body == "<p>Hello</p>"


def test_windows_line_ends_change_nothing() -> None:
    assert read_saved_message("W", GOOD.replace("\n", "\r\n")) == read_saved_message("W", GOOD)


@pytest.mark.parametrize(
    ("path", "text", "channel"),
    [
        ("A.txt", "Hello", "sms"),
        ("A.txt", "---\nsubject: S\n---\nHello", "email"),
        ("A.html", "---\nsubject: S\n---\n<p>Hello", "email"),
        ("A.txt", "---\nchannel: sms\nsubject: S\n---\nHello", "sms"),
    ],
)
def test_the_channel_follows_from_the_file(path: str, text: str, channel: str) -> None:
    assert read_saved_message("A", text, path=path).channel == channel


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("---\nsubjct: x\n---\n", "A.html:2: there is no key `subjct`", "did you mean `subject`?"),
        ("---\nsubject: x\nzzz: 1\n---\n", "A.html:3: there is no key `zzz`", "the keys are subject"),
        ("---\nsubject: x\nsubject: y\n---\n", "A.html:3: `subject` is given twice", None),
        ("---\nhello\n---\n", "A.html:2: `hello` is not `key: value`", None),
        ("---\nsubject: x\nstatus: redy\n---\n", "A.html:3: `redy` is no status", "did you mean `ready`?"),
        ("---\nsubject: x\nchannel: fax\n---\n", "A.html:3: `fax` is no channel", "it is email or sms"),
        ("---\nsubject: x\n", "A.html:1: the front matter is never closed", "end it with a line `---`"),
        ("---\nfrom: x\n---\n<p>", "A.html:1: the message has no `subject`", "add a line such as"),
        ("<p>Hello", "A.html:1: the message has no `subject`", "begin the file with `---`"),
        ("", "A.html:1: the message has no `subject`", "begin the file with `---`"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_remedy(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(SavedMessageError) as caught:
        read_saved_message("A", text, path="A.html")
    assert str(caught.value) == message
    assert (caught.value.hint or "").startswith(hint or "")
    assert (caught.value.hint is None) == (hint is None)


def test_a_draft_may_lack_its_subject() -> None:
    assert read_saved_message("A", "---\nstatus: draft\n---\n", path="A.html").subject == ""


def test_a_folder_is_read_by_the_names_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "Winback1.html").write_text(GOOD, encoding="utf-8-sig")
    (tmp_path / "Hello.txt").write_text("Hello")
    (tmp_path / "notes.md").write_text("not a message")
    assert sorted(load_saved_messages(tmp_path)) == ["Hello", "Winback1"]
    assert load_saved_messages(tmp_path)["Winback1"].path == str(tmp_path / "Winback1.html")
    assert load_saved_messages(tmp_path / "nowhere") == {}


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "A.html").write_text(GOOD)
    (tmp_path / "A.txt").write_text("Hello")
    with pytest.raises(SavedMessageError, match=r"`A.html` has the same name"):
        load_saved_messages(tmp_path)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "A.html").write_bytes(b"---\nsubject: \xff\n---\n")
    with pytest.raises(SavedMessageError, match=r"A\.html:2: the file is not UTF-8 text"):
        load_saved_messages(tmp_path)


def test_a_folder_named_like_a_message_is_told(tmp_path: Path) -> None:
    (tmp_path / "A.html").mkdir()
    with pytest.raises(SavedMessageError, match="is a directory"):
        load_saved_messages(tmp_path)


def test_a_file_that_is_too_large_is_told(tmp_path: Path) -> None:
    (tmp_path / "A.txt").write_text("x" * 1_000_001)
    with pytest.raises(SavedMessageError, match="larger than"):
        load_saved_messages(tmp_path)
