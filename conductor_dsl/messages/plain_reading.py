"""The commonest templates, read without Liquid, which takes longer to load than a script takes to check.

A template is plain where its gaps are all `{{ name }}`, `{{ name.part }}` or `{{ name | default: "text" }}`. Whatever
else there is, Liquid reads.
"""

from __future__ import annotations

import re
from functools import lru_cache

from conductor_dsl.language.vocabulary import TemplateReading, VariableUse

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_GAP = re.compile(
    rf"""(?<!\{{)\{{\{{[ \t\n]*(?P<path>{_NAME}(?:\.{_NAME})*)[ \t\n]*"""
    r"""(?P<default>\|[ \t\n]*default:[ \t\n]*(?:"[^"\\{}]*"|'[^'\\{}]*')[ \t\n]*)?\}\}"""
)
_SPECIAL = re.compile(r"\{[{%#]")
_LONGEST = 100_000
"""Characters; whether a longer one is too long, Liquid knows."""
_NO_NAMES = re.compile(
    r"\b(and|blank|contains|else|empty|false|first|for|forloop|if|in|last|nil|none|not|null|or|size|true|with)\b"
)


@lru_cache(maxsize=512)
def read_plain(text: str) -> TemplateReading | None:
    """What a plain template reads, exactly as Liquid would say; None for one that is not plain."""
    if len(text) > _LONGEST:
        return None
    found = list(_GAP.finditer(text))
    if _SPECIAL.search(_GAP.sub(" ", text)) or any(_NO_NAMES.search(gap["path"]) for gap in found):
        return None
    uses = (VariableUse(gap["path"], gap.start("path"), gap["default"] is not None) for gap in found)
    return TemplateReading(variables=tuple(uses))
