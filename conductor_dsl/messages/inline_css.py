"""Style sheets written into the elements they are about, for mail programs that drop them; by css-inline.

What cannot be written into an element stays in its `<style>`: media queries, `:hover`, fonts. A template is inlined
once, with its Liquid hidden, if what comes out is the same mark-up; else every rendered message is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from conductor_dsl.messages.environment import LONGEST_TEMPLATE
from conductor_dsl.messages.hidden_liquid import hide
from conductor_dsl.messages.same_markup import is_same_markup

if TYPE_CHECKING:
    from css_inline import CSSInliner

_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
_BY_POSITION = re.compile(r"[+~]|:(?:first|last|only|nth|empty|not|has|is|where)\b")
"""Selectors that ask what stands beside an element: that depends on which ways the template takes."""
_CONDITIONAL = "<![if"
"""Outlook's own kind of comment, which a reader of HTML takes for an ordinary one: such a mail is left as it is."""
_SCAFFOLD = re.compile(r"</?(?:html|head|body)>")
_ROWS = re.compile(r"</?tbody>")


def inline_template(template: str) -> str | None:
    """The template with its style sheets inlined; None where that has to wait for what is rendered.

    A template without style sheets stays as it is, and so does every one where css-inline is not installed.
    """
    sheets = " ".join(_STYLE.findall(template))
    if not sheets.strip() or _inliner() is None or _CONDITIONAL in template:
        return template
    hidden = hide(template)
    if hidden is None or (hidden.has_ways and _BY_POSITION.search(sheets)) or (hidden.in_attributes and "[" in sheets):
        return None
    inlined = _clean(inline_rendered(hidden.html), hidden.html)
    if not is_same_markup(hidden.html, inlined, hidden.ways):
        return None
    shown = hidden.show(inlined)
    return shown if len(shown) <= LONGEST_TEMPLATE else None


def inline_rendered(html: str) -> str:
    """HTML with its style sheets inlined; as it is where that cannot be done."""
    inliner = _inliner()
    if inliner is None:
        return html
    from css_inline import InlineError  # noqa: PLC0415  (an extra, loaded by the first e-mail that needs it)

    try:
        return inliner.inline(html)
    except InlineError:
        return html


@cache
def _inliner() -> CSSInliner | None:
    try:
        from css_inline import CSSInliner  # noqa: PLC0415
    except ImportError:
        return None
    return CSSInliner(
        keep_style_tags=True, remove_inlined_selectors=True, keep_link_tags=True, load_remote_stylesheets=False
    )


def _clean(inlined: str, before: str) -> str:
    """Without the elements that a browser adds by itself, if the template leaves all of them to it."""
    for added in (_SCAFFOLD, _ROWS):
        if not re.search(added.pattern.replace(">", r"\b"), before, re.IGNORECASE):
            inlined = added.sub("", inlined)
    return inlined
