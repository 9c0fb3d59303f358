"""A plugin of somebody else's: written by one command, installed from its wheel, used without touching the grammar."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conductor_dsl.cli import main
from conductor_dsl.cli.plugin import plugin_files
from tests.architecture.tree import ROOT, files

EXAMPLE = ROOT / "examples" / "third_party_plugin"
NAME, PORT = "pigeon_post", "0"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `conductor plugin new` writes."""
    folder = tmp_path_factory.mktemp("made") / "conductor-pigeon-post"
    result = invoke("plugin", "new", NAME, "--in", folder)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def site(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing in it but the plugin, from its wheel; nothing is downloaded."""
    wheels, site = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("site")
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, written)
    (wheel,) = wheels.glob("conductor_pigeon_post-0.1.0-*.whl")
    run("-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", site, wheel)
    return site


@pytest.fixture
def taken(written: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The service of the plugin's tests, in a process of its own: its address, and the file of what it takes."""
    log = tmp_path / "taken.jsonl"
    command = [sys.executable, str(written / "tests" / "service.py"), PORT, str(log)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        yield process.stdout.readline().strip(), log
        process.stdin.close()


def test_the_example_is_what_the_command_writes() -> None:
    there = {path.relative_to(EXAMPLE): path.read_bytes() for path in files("examples/third_party_plugin")}
    assert {Path(path): data for path, data in plugin_files("push")} == there


def test_nothing_of_the_example_is_left_under_another_name(written: Path) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in written.rglob("*") if path.is_file()}
    assert not [path for path, text in texts.items() if "push" in f"{path.relative_to(written)}{text}".lower()]
    assert 'name = "conductor-pigeon-post"' in texts[written / "pyproject.toml"]
    assert 'env = "PIGEON_POST_TOKEN"' in texts[written / "shop" / "conductor.toml"]


def test_nothing_that_is_there_is_overwritten(written: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in written.rglob("*") if path.is_file()}
    assert "is not empty" in invoke("plugin", "new", "other", "--in", written).stderr
    assert {path: path.read_bytes() for path in written.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["Push", "2push", "a-b", "class", "x", "../x"])
def test_a_name_that_cannot_be_one_is_refused(name: str, tmp_path: Path) -> None:
    result = invoke("plugin", "new", name, "--in", tmp_path / "new")
    assert result.exit_code == 2
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["sms", "webhook", "wait", "when", "cap", "not"])
def test_a_word_that_means_something_already_is_refused(name: str, tmp_path: Path) -> None:
    result = invoke("plugin", "new", name, "--in", tmp_path / "new")
    assert f"`{name}`" in result.stderr and result.exit_code == 2
    assert not (tmp_path / "new").exists()


def test_its_own_tests_pass_once_it_is_installed(written: Path, site: Path) -> None:
    said = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "pythonpath=", written / "tests", site=site)
    assert " passed" in said or "[100%]" in said


def test_it_is_listed_with_its_version(site: Path) -> None:
    told = {each["name"]: each for each in json.loads(conductor("plugins", "--json", site=site))}
    assert told[NAME] == {
        "name": NAME,
        "distribution": "conductor-pigeon-post",
        "version": "0.1.0",
        "health": "ok",
        "problems": [],
        "gives": {"steps": [NAME], "providers": [f"{NAME}_http"]},
        "reaches_others_by": [NAME, f"{NAME}_http"],
    }


def test_a_script_that_uses_it_checks_and_its_tests_pass(written: Path, site: Path) -> None:
    assert "ok" in conductor("check", written / "shop", site=site)
    assert "4 tests" in conductor("test", written / "shop", site=site)


def test_without_it_the_script_is_not_understood(written: Path) -> None:
    result = invoke("check", written / "shop")
    assert result.exit_code == 2
    assert f"no plugin carries the channel `{NAME}`" in result.stderr


def test_a_message_reaches_the_service_once(written: Path, site: Path, taken: tuple[str, Path], tmp_path: Path) -> None:
    url, log = taken
    shop = tmp_path / "shop"
    shop.mkdir()
    settings = (written / "shop" / "conductor.toml").read_text().replace("http://127.0.0.1:8765", url)
    (shop / "conductor.toml").write_text(settings)
    (shop / "back.cdx").write_text((written / "shop" / "back.cdx").read_text().replace("window 09:00-20:00", ""))
    (shop / "contacts.csv").write_text(f"key,first_name,{NAME}_token\nada,Ada,device-1\neve,Eve,device-2\n")
    (shop / "orders.csv").write_text("contact,order_id,total,placed_at\nada,1,20,2020-01-01\neve,2,20,2020-01-01\n")
    (shop / "consent.csv").write_text(f"contact,list,action,at\nada,{NAME},subscribed,2020-01-01\n")
    for kind in ("contacts", "orders", "consent"):
        conductor("import", kind, shop / f"{kind}.csv", "--project", shop, site=site)
    for _ in range(2):
        conductor("run", shop, site=site)
    (message,) = map(json.loads, log.read_text().splitlines())
    assert message["to"] == "device-1"
    assert message["from"] == "Shop"
    assert message["text"] == "Hello Ada, your favourites are back."


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], prog_name="conductor")


def conductor(*arguments: str | Path, site: Path) -> str:
    return run("-c", "from conductor_dsl.cli import main; main(prog_name='conductor')", *arguments, site=site)


def run(*command: str | Path, site: Path | None = None) -> str:
    """Run Python, which sees the plugin if its folder is named; it must succeed, and what it said."""
    beside = {"PYTHONPATH": str(site), "PIGEON_POST_TOKEN": "secret"} if site else {}
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **beside}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
