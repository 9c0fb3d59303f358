"""A real browser draws the preview; run by `make browser`, for a fresh machine has none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conductor_dsl.cli.page_to_png import BROWSERS, WIDTH
from tests.cli.serving import conductor

pytestmark = pytest.mark.browser
WINBACK = Path(__file__).parents[2] / "examples" / "winback" / "winback.cdx"


def test_the_whole_page_is_in_the_picture(tmp_path: Path) -> None:
    assert any(map(shutil.which, BROWSERS)), "install Chromium or Chrome first"
    result = conductor("preview", str(WINBACK), "--output", str(tmp_path / "a.png"))
    assert result.exit_code == 0, result.output
    data = (tmp_path / "a.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    assert width == WIDTH
    assert height > 3_000
