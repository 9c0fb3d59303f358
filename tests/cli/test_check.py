"""`conductor check` on whole projects: what it says, and its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conductor_dsl.cli import main
from conductor_dsl.cli.init import scaffold

GOOD = 'when no_order_within 60d -> wait 3d -> email saved:"Winback1" -> end "done"\n'
BAD = 'when no_order_within 60d -> wayt 3d -> email saved:"Winback1" -> end "done"\n'


def check(*args: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["check", *map(str, args)], input=stdin, prog_name="conductor")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    scaffold(tmp_path / "shop")
    return tmp_path / "shop"


def write(folder: Path, data: str | bytes, name: str = "a.cdx") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_a_new_project_is_clean(shop: Path) -> None:
    result = check(shop)
    assert (result.exit_code, result.stdout) == (0, f"{shop / 'winback.cdx'}: ok\n"), result.output


def test_a_mistake_is_underlined_and_fails(shop: Path) -> None:
    result = check(write(shop, BAD))
    assert result.exit_code == 1
    assert "1 | when no_order_within 60d -> wayt 3d ->" in result.stdout
    assert "  |                             ^^^^\n" in result.stdout
    assert "did you mean `wait`?" in result.stdout
    assert f"1 error in {shop / 'a.cdx'}\n" in result.stdout


def test_a_folder_is_checked_whole_and_in_order(shop: Path) -> None:
    (shop / "more").mkdir()
    (shop / ".hidden").mkdir()
    write(shop, BAD, "z.cdx")
    write(shop / "more", BAD, "b.cdx")
    write(shop / ".hidden", BAD)
    result = check(shop, shop / "z.cdx", "--format", "json")
    data = json.loads(result.stdout)
    assert data["files"] == [str(shop / name) for name in ("more/b.cdx", "winback.cdx", "z.cdx")]
    assert (data["errors"], result.exit_code) == (2, 1)


def test_settings_are_found_above_the_script(shop: Path) -> None:
    (shop / "more").mkdir()
    assert check(write(shop / "more", GOOD)).exit_code == 0


@pytest.mark.parametrize("form", ["full", "concise", "json", "sarif", "github"])
def test_every_format_names_the_finding_and_fails_alike(shop: Path, form: str) -> None:
    result = check(write(shop, BAD), "--format", form)
    assert result.exit_code == 1
    assert "CDX" in result.stdout
    assert "a.cdx" in result.stdout
    assert check(shop / "winback.cdx", "--format", form).exit_code == 0


def test_standard_input_is_checked_with_the_project_one_is_in(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    assert check("-", stdin=GOOD.encode()).stdout == "<stdin>: ok\n"
    result = check("-", stdin=BAD.encode())
    assert (result.exit_code, "--> <stdin>:1:29" in result.stdout) == (1, True)


def test_warnings_fail_only_when_strict(shop: Path) -> None:
    path = write(
        shop, GOOD.replace("-> wait", "-> when order_count >= 1 and total_spent > 5 or order_count > 9 -> wait")
    )
    result = check(path)
    assert (result.exit_code, "warning[CDX" in result.stdout) == (0, True), result.stdout
    assert check(path, "--strict").exit_code == 1


def test_defaults_are_told_when_asked_for(shop: Path) -> None:
    result = check(write(shop, GOOD), "--explain-defaults")
    assert "takes for granted:" in result.stdout
    assert 'timezone   contact else "America/New_York"' in result.stdout
    assert "  reentry    always" in result.stdout
    assert "reentry" not in check(shop / "winback.cdx", "--explain-defaults").stdout


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x7fELF\0", "the script is a binary file"),
        (b"# caf\xe9", "the byte `0xE9` is not UTF-8 text"),
        (b"", "the file holds no conversation"),
        (b"# " + b"x" * 2_000_000, "larger than 1 MiB"),
        (b"when a -> if b " + b"{ if c " * 10_000, "nested more than 64 deep"),
    ],
)
def test_what_is_no_script_is_one_clear_finding(shop: Path, data: bytes, message: str) -> None:
    result = check(write(shop, data))
    assert result.exit_code == 1
    assert message in result.stdout
    assert result.stdout.count("error[") <= 2
    assert result.stderr == ""


def test_a_file_that_is_no_script_does_not_hide_the_others(shop: Path) -> None:
    write(shop, b"\0")
    write(shop, BAD, "b.cdx")
    assert "2 errors in 2 of 3 files" in check(shop).stdout


def test_a_path_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    result = check(tmp_path / "gone.cdx")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: there is no file `{tmp_path / 'gone.cdx'}`\nhint: check the spelling of the path\n"


def test_a_folder_without_scripts_is_misuse(tmp_path: Path) -> None:
    result = check(tmp_path)
    assert result.exit_code == 2
    assert "there are no scripts (*.cdx)" in result.stderr


def test_settings_that_cannot_be_used_are_misuse(shop: Path) -> None:
    write(shop, '[brand]\nzone = "Europe/Vienn"\n', "conductor.toml")
    result = check(shop)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "conductor.toml:2: unknown zone `Europe/Vienn`\nhint: did you mean `Europe/Vienna`?" in result.stderr


def test_checking_needs_no_secrets(shop: Path) -> None:
    settings = (shop / "conductor.toml").read_text(encoding="utf-8")
    secret = settings.replace("[sms]\n", '[sms]\ntoken = { env = "CONDUCTOR_TEST_UNSET" }\n')
    assert secret != settings
    write(shop, secret, "conductor.toml")
    assert check(shop).exit_code == 0


def test_the_real_command_starts_without_the_engine(shop: Path) -> None:
    code = (
        "import sys\nfrom conductor_dsl.cli import main\n"
        "try:\n    main(['check', sys.argv[1]])\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "heavy = ('sqlalchemy', 'apscheduler', 'phonenumbers', 'conductor_dsl.runtime', 'conductor_dsl.store')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    run = [sys.executable, "-c", code, str(write(shop, GOOD))]
    result = subprocess.run(run, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines()[-1:] == ["[]"], result.stdout + result.stderr


def test_the_real_command_prints_plain_text_into_a_pipe(shop: Path) -> None:
    write(shop, BAD)
    run = [sys.executable, "-m", "conductor_dsl", "check"]
    result = subprocess.run(run, cwd=shop, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (1, "")
    assert "\x1b[" not in result.stdout
    assert " --> a.cdx:1:29\n" in result.stdout
    assert result.stdout.endswith("\n1 error in a.cdx\n")
