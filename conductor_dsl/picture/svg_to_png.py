"""From SVG to PNG, with letters of its own where the machine has none."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from conductor_dsl.shared.errors import ConductorError

SHARP = 2.0
"""Pixels of the picture for one of the drawing, so that it is sharp on fine screens."""


def svg_to_png(svg: str) -> bytes:
    """The picture as PNG; raises ConductorError where what draws it is not installed."""
    try:
        from resvg_py import svg_to_bytes  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        hint = "pip install 'conductor-dsl[png]', or ask for `--format svg`, which needs nothing"
        raise ConductorError("what draws PNG files is not installed", hint=hint) from None
    fonts = _own_fonts()
    return bytes(svg_to_bytes(svg_string=svg, zoom=SHARP, font_dirs=fonts, sans_serif_family="Noto Sans"))


def _own_fonts() -> list[str]:
    """The folder of the letters that come with the extra; machines without a screen often have none."""
    found = find_spec("fontpkg_noto_sans")
    places = found.submodule_search_locations if found else None
    return [str(Path(place) / "files") for place in places or ()]
