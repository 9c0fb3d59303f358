"""A message as its reader sees it, drawn for a terminal."""

from __future__ import annotations

from decimal import Decimal

from conductor_dsl.messages.text_cost import text_cost
from conductor_dsl.messages.text_width import pad, width, wrap

SCREEN = 42
BUBBLE = 38


def sms_preview(sender: str, text: str, *, at: str = "", price: Decimal | None = None) -> str:
    """The card on a lock screen, then the opened message, with what it costs at the price of a part.

    `at` is a time such as `10:00`.
    """
    return "\n".join([*_lock_screen(sender, text, at), *_bubble(text), f"  {text_cost(text, price)}"])


def card_preview(title: str, text: str, *, at: str = "") -> str:
    """A message of any other channel: the card on a lock screen, then the opened message."""
    return "\n".join([*_lock_screen(title, text, at), *_bubble(text)])


def email_preview(sender: str, subject: str, text: str, *, preheader: str = "", at: str = "") -> str:
    """The line in an inbox, then the text part; without a preheader, the beginning of the text."""
    inner = SCREEN - 4
    peek = " ".join((preheader or text).split())
    top = _ends(sender, at, inner)
    card = [f"│ {line} │" for line in (top, pad(subject, inner), pad(peek, inner))]
    body = [f"  {line}".rstrip() for line in wrap(text, SCREEN)]
    return "\n".join([f"┌{'─' * (SCREEN - 2)}┐", *card, f"└{'─' * (SCREEN - 2)}┘", *body])


def _lock_screen(sender: str, text: str, at: str) -> list[str]:
    inner = SCREEN - 4
    lines = wrap(text, inner)
    shown = lines if len(lines) <= 2 else [lines[0], pad(f"{lines[1]}…", inner)]
    rows = [_ends(f"✉ {sender}", at or "now", inner), *(pad(line, inner) for line in shown)]
    return [f"┌{'─' * (SCREEN - 2)}┐", *(f"│ {row} │" for row in rows), f"└{'─' * (SCREEN - 2)}┘"]


def _bubble(text: str) -> list[str]:
    lines = wrap(text, BUBBLE)
    inner = max(width(line) for line in lines)
    edge = "─" * (inner + 2)
    return [f"╭{edge}╮", *(f"│ {pad(line, inner)} │" for line in lines), f"├{edge}╯"]


def _ends(left: str, right: str, columns: int) -> str:
    """Two texts at the ends of a line; the left one is cut where there is no room."""
    room = columns - width(right) - 1
    return f"{pad(left, room)} {right}" if right else pad(left, columns)
