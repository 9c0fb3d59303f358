"""What a text message costs, in words."""

from __future__ import annotations

from decimal import Decimal

from conductor_dsl.shared.segments import segments


def text_cost(text: str, price: Decimal | None = None) -> str:
    """Parts, characters and encoding, and what forces it; with the price of a part, what the message costs."""
    count = segments(text)
    parts = "1 part" if count.segments == 1 else f"{count.segments} parts"
    why = f" because of `{count.forced_by}`" if count.forced_by else ""
    cost = "" if price is None else f", {(price * count.segments).normalize():f} a message"
    return f"{parts}, {count.characters} characters, {count.encoding}{why}{cost}"
