"""`conductor import`, as people type it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from conductor_dsl.cli import main
from conductor_dsl.shared.errors import ImportFileError

SETTINGS = '[brand]\nname = "Shop"\nzone = "Europe/Berlin"\ncountry = "DE"\n[lists]\n"News" = "letters"\n[pools.WB20]\n'
SCRIPT = 'field birthday date\nwhen no_order_within 60d -> email "Hi" -> end\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "conductor.toml").write_text(SETTINGS)
    (tmp_path / "shop.cdx").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONDUCTOR_DATABASE_URL", raising=False)
    return tmp_path


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["import", *arguments], input=stdin)


def first_contact(project: Path) -> sa.Row[tuple[object, ...]]:
    engine = sa.create_engine(f"sqlite:///{project / 'conductor.db'}")
    with engine.connect() as connection:
        row = connection.execute(sa.text("SELECT * FROM contact")).one()
    engine.dispose()
    return row


def test_a_good_file_ends_with_one_line_and_0(project: Path) -> None:
    (project / "c.csv").write_text("key,mobile,birthday\na,01512 3456789,1990-01-01\n")
    result = run("contacts", "c.csv")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "contacts: 1 row read: 1 new or changed, 0 known already, 0 rejected\n",
        "",
    )
    assert first_contact(project).mobile == "+4915123456789"


def test_rejected_rows_end_with_1_and_their_place(project: Path) -> None:
    (project / "c.csv").write_text("key,birthday\na,1.1.1990\n")
    result = run("contacts", "c.csv")
    assert result.exit_code == 1
    assert "1 rejected" in result.stdout
    assert "c.rejects.csv" in result.stderr
    assert "not a date" in (project / "c.rejects.csv").read_text()


def test_standard_input_is_read_with_a_format(project: Path) -> None:
    assert run("contacts", "-", stdin="key\na\n").exit_code == 2
    assert run("contacts", "-", "--format", "jsonl", stdin='{"key":"a"}\n').exit_code == 0
    assert first_contact(project).key == "a"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("contacts", "none.csv"), "error: there is no file `none.csv`"),
        (("contacts", "."), "error: `.` is a folder"),
        (("people", "c.csv"), "people"),
        (("contacts", "c.csv", "--project", "elsewhere"), "error: there is no conductor.toml in `elsewhere`"),
    ],
)
def test_misuse_ends_with_2_and_a_message(project: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_script_with_syntax_errors_keeps_data_out(project: Path) -> None:
    (project / "shop.cdx").write_text("field birthday date\nwhen ( -> ")
    (project / "c.csv").write_text("key\na\n")
    result = run("contacts", "c.csv")
    assert result.exit_code == 2
    assert "conductor check" in result.stderr
    assert not (project / "conductor.db").exists()


def test_a_country_that_is_none_is_refused(project: Path) -> None:
    (project / "conductor.toml").write_text('[brand]\ncountry = "UK"\n')
    (project / "c.csv").write_text("key\na\n")
    result = run("contacts", "c.csv")
    assert (result.exit_code, "`GB`" in result.stderr) == (2, True)


def codes(project: Path) -> list[tuple[str, str, str | None]]:
    engine = sa.create_engine(f"sqlite:///{project / 'conductor.db'}")
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT code, pool, last_day FROM coupon ORDER BY code")).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def test_codes_go_into_their_pool_until_the_end_of_their_last_day(project: Path) -> None:
    rows = "A1,2099-12-31\nA2,2099-12-31T12:00:00+01:00\nA3,\nA1,2099-12-31\n"
    (project / "codes.csv").write_text("code,expires_at\n" + rows)
    result = run("coupons", "codes.csv", "--pool", "WB20")
    assert result.stdout == "coupons: 4 rows read: 3 new or changed, 1 known already, 0 rejected\n"
    assert codes(project) == [("A1", "WB20", "2099-12-31"), ("A2", "WB20", "2099-12-31"), ("A3", "WB20", None)]
    assert "0 new or changed, 4 known already" in run("coupons", "codes.csv", "--pool", "WB20").stdout


def test_codes_that_cannot_be_given_are_rejected(project: Path) -> None:
    (project / "codes.csv").write_text("code,expires_at\nA B,\n,\nOLD,2020-01-01\nODD,soon\nOK,\n")
    result = run("coupons", "codes.csv", "--pool", "WB20")
    assert (result.exit_code, codes(project)) == (1, [("OK", "WB20", None)])
    rejects = (project / "codes.rejects.csv").read_text()
    for reason in ("not one plain word", "`code` is empty", "has expired already", "not a date and time"):
        assert reason in rejects


def test_a_code_of_another_pool_is_rejected(project: Path) -> None:
    (project / "conductor.toml").write_text(SETTINGS + "[pools.Other]\n")
    (project / "codes.csv").write_text("code\nA1\n")
    run("coupons", "codes.csv", "--pool", "WB20")
    result = run("coupons", "codes.csv", "--pool", "Other")
    assert (result.exit_code, codes(project)) == (1, [("A1", "WB20", None)])
    assert "belongs to the pool `WB20` already" in (project / "codes.rejects.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("coupons", "c.csv"), "which pool are the codes for?"),
        (("coupons", "c.csv", "--pool", "WB2O"), "there is no pool `WB2O`"),
        (("contacts", "c.csv", "--pool", "WB20"), "codes are for a pool, and nothing else is"),
    ],
)
def test_codes_and_only_codes_need_a_pool_that_exists(project: Path, arguments: tuple[str, ...], message: str) -> None:
    (project / "c.csv").write_text("code\nA\n")
    with pytest.raises(ImportFileError, match=re.escape(message)):
        CliRunner().invoke(main, ["import", *arguments], catch_exceptions=False, standalone_mode=False)
