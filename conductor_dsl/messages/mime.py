"""An outgoing e-mail as a MIME message, byte for byte the same on every attempt."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from conductor_dsl.plugin.channels import Outgoing
from conductor_dsl.shared.clock import Instant, to_datetime

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_NAMED = re.compile(r'"?([^<>]*?)"?\s*<([^<>]*)>')
_SPECIAL = re.compile(r'[()<>@,:;."\[\]\\]')
_UNFOLDED = "List-Unsubscribe"
_HEADER_NAME = re.compile(r"[!-9;-~]+")


class _MessagePolicy(EmailPolicy):
    """Lines end as in SMTP, and bytes are ASCII: no server on the way has a reason to change what may be signed.

    The headers by which people unsubscribe are never folded, for that has broken signatures, too.
    """

    def fold(self, name: str, value: Any) -> str:
        """A header as text."""
        return f"{name}: {value}\r\n" if name.startswith(_UNFOLDED) else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A header as bytes."""
        return self.fold(name, value).encode() if name.startswith(_UNFOLDED) else super().fold_binary(name, value)


def header_problem(message: Outgoing) -> str | None:
    """Why the addresses or headers of a message must not be used, or None.

    A line break in one would let the data of a contact write headers of its own.
    """
    if not message.to.strip():
        return "the message has no address"
    if not message.headers and message.to.isprintable() and message.sender.isprintable():
        return None
    for name, value in (("recipient", message.to), ("sender", message.sender)):
        if _CONTROL.search(value):
            return f"the {name} has a line break or control character in it"
    for name, value in message.headers.items():
        if not _HEADER_NAME.fullmatch(name) or _CONTROL.search(value):
            return f"the header `{_CONTROL.sub(' ', name)}` cannot be written"
    return None


def to_mime(message: Outgoing, date: Instant | None = None) -> EmailMessage:
    """The message with a text part and, where it has HTML, an HTML alternative.

    The Message-ID and the boundary come from the dispatch key; `date` is for a message whose headers have none. White
    space in the subject is made single spaces, domains are written in ASCII. Raises ValueError with the reason where
    `header_problem` has one, and for text that is not Unicode.
    """
    problem = header_problem(message)
    if problem is not None:
        raise ValueError(problem)
    sender, to = _split(message.sender), _split(message.to)
    utf8 = not (sender[1] + to[1]).isascii()
    mail = EmailMessage(_MessagePolicy(linesep="\r\n", cte_type="7bit", utf8=utf8))
    if date is not None and "Date" not in message.headers:
        mail["Date"] = mail_date(date)
    mail["From"], mail["To"] = _quoted(*sender), _quoted(*to)
    mail["Subject"] = " ".join(_CONTROL.sub(" ", message.subject).split())
    mail["Message-ID"] = f"<{message.key}@{sender_domain(message.sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in message.headers.items():
        mail[name] = value
    _add_one_click(mail, message)
    _add_parts(mail, message)
    return mail


@lru_cache(maxsize=1_000)
def mail_date(at: Instant) -> str:
    """An instant as mails write it."""
    return format_datetime(to_datetime(at))


def _split(address: str) -> tuple[str, str]:
    """The name and the bare address in `Shop <hello@shop.example>`, the domain as servers that know only ASCII find it.

    Raises ValueError for a domain that cannot be written so.
    """
    named = _NAMED.fullmatch(address.strip())
    name, bare = (named[1].strip(), named[2].strip()) if named else ("", address.strip())
    local, at, domain = bare.rpartition("@")
    if domain.isascii():
        return name, bare
    try:
        return name, f"{local}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        raise ValueError("the domain of an address cannot be written in ASCII") from None


def _quoted(name: str, bare: str) -> str:
    """An address for a header: a comma in the name of a shop must not make two addresses of it."""
    if not name or not _SPECIAL.search(name):
        return f"{name} <{bare}>" if name else bare
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{escaped}" <{bare}>'


def _add_one_click(mail: EmailMessage, message: Outgoing) -> None:
    """RFC 8058: a mailbox may unsubscribe by one POST, if the address is https."""
    if message.headers.get("List-Unsubscribe", "").startswith("<https://") and "List-Unsubscribe-Post" not in mail:
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _add_parts(mail: EmailMessage, message: Outgoing) -> None:
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
        mail.set_boundary(f"=_{message.key}")


def sender_domain(sender: str) -> str:
    """The domain of a sender, in ASCII."""
    domain = _split(sender)[1].rpartition("@")[2]
    return domain if re.fullmatch(r"[A-Za-z0-9.-]+", domain) else "conductor.invalid"
