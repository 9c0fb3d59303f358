"""`conductor status`: a table of what became of everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.serving import LETTER, WELCOME, conductor, import_contacts, make_project


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop", {"letter.cdx": LETTER})


def test_before_anything_is_published_it_says_what_publishes(shop: Path) -> None:
    result = conductor("status", str(shop))
    assert (result.exit_code, result.stdout) == (
        0,
        "nothing is published yet; `conductor run` or `conductor serve` publishes the project\n",
    )


def test_it_counts_what_happened_at_every_step_with_the_reason(shop: Path) -> None:
    import_contacts(shop, 1_200)
    (shop / "more.csv").write_text("key,email\nbad,not-an-address\nnone,\n")
    conductor("import", "contacts", str(shop / "more.csv"), "--project", str(shop))
    conductor("run", str(shop))
    assert conductor("status", str(shop)).stdout == (
        "Letter: 1,202 entered\n"
        "─────────────────────\n"
        "Letter      1,200  sent\n"
        "                1  not sent: address is not valid\n"
        "                1  not sent: no address\n"
        "wait        1,202  began to wait\n"
        "in the end  1,202  are still inside\n"
        "\n"
    )


def test_every_conversation_has_a_table(shop: Path) -> None:
    make_project(shop, {"welcome.cdx": WELCOME})
    conductor("run", str(shop))
    output = conductor("status", str(shop)).stdout
    assert "Letter: nobody has entered yet\n" in output
    assert "Welcome: nobody has entered yet\n" in output


def test_it_says_how_many_codes_the_pools_have_left(shop: Path) -> None:
    with (shop / "conductor.toml").open("a") as file:
        file.write('\n[pools.WB20]\ncutoff = "7d"\n[pools.Empty]\n')
    (shop / "codes.csv").write_text("code,expires_at\nA,\nB,2099-01-01\n")
    conductor("import", "coupons", str(shop / "codes.csv"), "--pool", "WB20", "--project", str(shop))
    output = conductor("status", str(shop)).stdout
    assert "Coupon codes\n────────────\nEmpty  0  left\nWB20   2  left\n\n" in output
