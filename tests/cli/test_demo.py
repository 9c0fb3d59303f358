"""`conductor demo`: a winback from data to messages, the same on every machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conductor_dsl.cli.demo import _stage
from tests.cli.serving import conductor, rows

EXPECTED = Path(__file__).parents[2] / "examples" / "winback" / "expected" / "demo.txt"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demonstration, and what it showed."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    result = conductor("demo", str(folder))
    assert (result.exit_code, result.stderr) == (0, "")
    return folder, result.stdout


def counts(table: str) -> dict[tuple[str, str], int]:
    """The table as (step, what happened) and how many."""
    found, step = {}, ""
    for line in table.splitlines()[2:]:
        match = re.fullmatch(r"(.*?)  +([\d,]+)  (.+)", line)
        if match:
            step = match[1].strip() or step
            found[step, match[3]] = int(match[2].replace(",", ""))
    return found


def test_the_table_is_the_expected_one_and_status_shows_it_again(played: tuple[Path, str]) -> None:
    folder, shown = played
    expected = EXPECTED.read_text(encoding="utf-8")
    assert expected in shown
    assert conductor("status", str(folder)).stdout.startswith(expected.partition("\nCoupon codes\n")[0])


def test_the_numbers_add_up(played: tuple[Path, str]) -> None:
    folder, shown = played
    table = counts(EXPECTED.read_text(encoding="utf-8"))

    def settled(step: str) -> int:
        return sum(number for (name, what), number in table.items() if name == step and what[:4] in ("sent", "not "))

    ends = {what: number for (name, what), number in table.items() if name == "in the end"}
    assert f"Winback: {sum(ends.values())} entered" in shown
    assert settled("Winback SMS") == table["wait", "began to wait"]
    ways = [table["split", f"went the way: {way}"] for way in ("mug", "shelf")]
    assert [settled("E-mail, mug"), settled("E-mail, shelf")] == ways
    codes = {
        pool: (
            table["coupon" + step, f"got a code of the pool: {pool}"],
            table["coupon" + step, f"found no code left in the pool: {pool}"],
        )
        for step, pool in (("", "WB20"), (" 2", "WB15"))
    }
    assert (sum(codes["WB20"]), sum(codes["WB15"])) == (settled("Gold e-mail"), sum(ways))
    assert settled("Gold e-mail") + sum(ways) == table["wait 2", "began to wait"]
    assert settled("Last call") == table["wait 2", "waited in vain"] == ends["came to the end: last call"]
    assert 38 <= ends["left early: exit on order.placed"] <= 40
    sent = sum(number for (_, what), number in table.items() if what == "sent")
    assert rows(folder, "SELECT count(*) FROM development_message WHERE contact <> 'staff'") == [(sent,)]


def test_nobody_who_bought_during_the_wait_gets_the_email(played: tuple[Path, str]) -> None:
    folder, _ = played
    lines = (folder / "data" / "orders_during_wait.csv").read_text(encoding="utf-8").splitlines()
    column = lines[0].split(",").index("contact")
    buyers = {line.split(",")[column] for line in lines[1:]}
    written = {key for (key,) in rows(folder, "SELECT contact FROM development_message WHERE channel = 'email'")}
    assert len(buyers) == 40
    assert not buyers & written


def test_it_shows_messages_as_their_readers_see_them(played: tuple[Path, str]) -> None:
    _, shown = played
    for step in ("Winback SMS", "Gold e-mail", "E-mail, mug", "E-mail, shelf", "Last call"):
        assert re.search(rf"^{step}, to \S+\n┌─+┐$", shown, re.MULTILINE)
    assert "Reply STOP to opt out." in shown


def test_it_says_where_to_look_next(played: tuple[Path, str]) -> None:
    folder, shown = played
    end = shown.partition("Where to look next\n")[2]
    for command in (("check", str(folder)), ("status", str(folder))):
        assert f"conductor {' '.join(command)}" in end
        assert conductor(*command).exit_code == 0
    assert str(folder / "conductor.db") in end


def test_a_former_demonstration_is_replaced_and_looks_the_same(played: tuple[Path, str]) -> None:
    folder, shown = played
    (folder / "winback.cdx").write_text("changed")
    again = conductor("demo", str(folder))
    assert (again.exit_code, again.stdout) == (0, shown)


@pytest.mark.parametrize("used", ["notes.txt", "conductor.toml"])
def test_a_folder_in_use_is_refused_and_left_alone(tmp_path: Path, used: str) -> None:
    (tmp_path / used).write_text("mine")
    result = conductor("demo", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: `{tmp_path}` is in use and not by a demonstration\nhint: name a new folder\n"
    assert [path.name for path in tmp_path.iterdir()] == [used]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("mine")
    assert conductor("demo", str(tmp_path / "shop")).exit_code == 2
    assert (tmp_path / "shop").read_text() == "mine"


def test_a_demonstration_has_no_provider_by_which_anything_leaves(tmp_path: Path) -> None:
    with _stage(tmp_path / "shop", "birthday") as stage:
        assert set(stage.host.providers) == {"development", "file"}
        assert set(stage.node.providers) >= {"sms", "email", "webhook"}
