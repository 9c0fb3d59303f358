"""The preheader: the line that an inbox shows beside the subject, hidden in the e-mail itself."""

from __future__ import annotations

import re
from html import escape

from conductor_dsl.messages.html_to_text import is_html

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_STYLE = "display:none;max-height:0;overflow:hidden;mso-hide:all"


def with_preheader(body: str, preheader: str) -> str:
    """The e-mail with its preheader as the first thing in the body; a text without HTML stays as it is.

    An e-mail that already holds the preheader is not given it twice.
    """
    if not preheader or not is_html(body) or preheader in body:
        return body
    hidden = f'<div style="{_STYLE}">{escape(preheader, quote=False)}</div>'
    opening = _BODY.search(body)
    at = opening.end() if opening else 0
    return body[:at] + hidden + body[at:]
