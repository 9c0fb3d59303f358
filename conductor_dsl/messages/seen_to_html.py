"""From messages to a page that shows them as their readers will: on a phone, in an inbox, narrow and wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from importlib.resources import files

from conductor_dsl.messages.seen import Seen
from conductor_dsl.messages.text_cost import text_cost

NARROW, WIDE = 360, 700
"""How wide an e-mail is shown, in pixels: on a phone, and on a desk."""


def seen_to_html(messages: Sequence[Seen], title: str, *, price: Decimal | None = None) -> str:
    """The whole page; it needs nothing from elsewhere but what the e-mails themselves ask for."""
    style = files("conductor_dsl.messages").joinpath("preview.css").read_text(encoding="utf-8")
    sections = "".join(_section(message, price) for message in messages)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>'
        f"<body><h1>{escape(title)}</h1>{sections}<script>{_GROW}</script></body></html>\n"
    )


_GROW = (
    "function grow(){for(const f of document.querySelectorAll('iframe'))"
    "f.style.height=f.contentDocument.documentElement.scrollHeight+'px';"
    "document.documentElement.dataset.height=document.documentElement.scrollHeight}"
    "addEventListener('load',grow)"
)
"""Makes each e-mail as high as what it holds, and tells the height of the page."""


def _section(message: Seen, price: Decimal | None) -> str:
    note = f'<p class="note">{escape(message.note)}</p>' if message.note else ""
    body = _mails(message) if message.channel == "email" else _phones(message, price)
    return f"<section><h2>{escape(message.step)}</h2><p>to {escape(message.to)}</p>{note}{body}</section>"


def _phones(message: Seen, price: Decimal | None) -> str:
    text = escape(message.text)
    lock = (
        '<div class="phone lock"><div class="clock">9:41</div><div class="card">'
        f'<div class="row"><b>{escape(message.sender)}</b><span>now</span></div><p class="two">{text}</p></div></div>'
    )
    thread = (
        f'<div class="phone thread"><div class="bar">{escape(message.sender)}</div>'
        f'<div class="bubble">{text}</div></div>'
    )
    cost = f'<p class="cost">{escape(text_cost(message.text, price))}</p>' if message.channel == "sms" else ""
    return f'<div class="side">{lock}{thread}</div>{cost}'


def _mails(message: Seen) -> str:
    peek = " ".join((message.preheader or message.text).split())
    inbox = (
        f'<div class="inbox"><div class="row"><b>{escape(message.sender)}</b><span>now</span></div>'
        f'<div class="subject">{escape(message.subject)}</div><p class="one">{escape(peek)}</p></div>'
    )
    return f'{inbox}<div class="side">{"".join(_frames(message, (NARROW, WIDE)))}</div>'


def _frames(message: Seen, widths: Iterable[int]) -> Iterable[str]:
    shown = message.html or f"<pre style='white-space:pre-wrap;font:15px sans-serif'>{escape(message.text)}</pre>"
    for width in widths:
        yield (
            f'<iframe title="{width} pixels wide" style="width:{width}px" sandbox="allow-same-origin" '
            f'srcdoc="{escape(shown)}"></iframe>'
        )
