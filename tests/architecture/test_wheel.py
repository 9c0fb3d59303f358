"""What is installed is what is in the tree, and it works away from the checkout with nothing but what it declares."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.architecture.tree import ROOT, files
from tests.older.databases import make_older

SENTENCE = 'when no_order_within 60d -> sms "..." on_invalid pass -> wait 3d -> email saved:"Winback1" -> end'
INSTALLED_AS = {
    "conductor_dsl": "conductor_dsl",
    "grammar": "conductor_dsl/grammar",
    "plugins": "conductor_plugins",
    "examples": "conductor_dsl/examples",
}
SHIPPED_EXAMPLES = (
    "alerts",
    "anniversary",
    "birthday",
    "cart_abandonment",
    "loyalty",
    "post_purchase",
    "replenishment",
    "sentence",
    "third_party_plugin",
    "welcome",
    "winback",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tree without anything that tools left in it."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in files():
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source, cwd=source)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site-packages of an empty environment with the wheel in it.

    Of the packages installed here it sees those that the wheel declares, with what they declare themselves, and no
    others: a dependency that was forgotten is missed, and nothing has to be downloaded.
    """
    home = tmp_path_factory.mktemp("empty")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        "--quiet",
        wheel,
        cwd=home,
    )
    site = next(home.glob("lib/python*/site-packages"))
    for distribution in declared(next(iter(metadata.distributions(path=[str(site)])))):
        for name in {path.parts[0] for path in distribution.files or ()} - {"..", "__pycache__"}:
            if not (site / name).exists():
                (site / name).symlink_to(Path(str(distribution.locate_file(name))).resolve())
    return site


def test_the_wheel_holds_what_the_tree_holds(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = expected_in_wheel()
    assert (sorted(expected - held), sorted(held - expected)) == ([], [])


def test_the_wheel_names_its_version_and_its_command(wheel: Path, site: Path, tmp_path: Path) -> None:
    version = wheel.name.split("-")[1]
    assert version in conductor(site, "--version", cwd=tmp_path)


def test_the_sentence_checks_clean_from_the_wheel(site: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(site / "conductor_dsl" / "examples" / "sentence", project)
    script = project / "winback.cdx"
    assert script.read_text(encoding="utf-8").strip() == SENTENCE
    conductor(site, "check", str(script), cwd=project)


def test_a_missing_saved_message_is_found_from_the_wheel(site: Path, tmp_path: Path) -> None:
    (tmp_path / "winback.cdx").write_text(SENTENCE, encoding="utf-8")
    done = subprocess.run(
        [command_in(site), "check", "winback.cdx"], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Winback1" in done.stdout


def test_an_older_database_is_upgraded_from_the_wheel(site: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'older.db'}"
    make_older(url, "c98d6e4")
    assert "upgraded from a version from before" in conductor(site, "db", "upgrade", "--database", url, cwd=tmp_path)
    assert "as this version wants it" in conductor(site, "db", "check", "--database", url, cwd=tmp_path)


def expected_in_wheel() -> set[str]:
    """The names of the files that the tree says should be in the wheel."""
    names = set()
    for folder, package in INSTALLED_AS.items():
        for path in files(folder):
            inside = path.relative_to(ROOT / folder)
            if is_shipped(folder, inside):
                names.add(f"{package}/{inside.as_posix()}")
    return names


def is_shipped(folder: str, inside: Path) -> bool:
    """Whether a file is part of the product: all of the engine, code and data of the rest, and the examples.

    The page that explains a folder to those who work on it is not.
    """
    if inside == Path("README.md"):
        return False
    if folder == "examples":
        return inside.parts[0] in SHIPPED_EXAMPLES or inside.suffix == ".py"
    return folder == "conductor_dsl" or inside.suffix != ".md"


def declared(distribution: metadata.Distribution) -> list[metadata.Distribution]:
    """The installed distributions that one declares, and those that they declare."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [(distribution, frozenset[str]())]
    while waiting:
        asking, extras = waiting.pop()
        for requirement in map(Requirement, asking.requires or ()):
            wanted = requirement.marker is None or any(
                requirement.marker.evaluate({"extra": extra}) for extra in extras or {""}
            )
            if wanted and requirement.name not in found:
                found[requirement.name] = metadata.distribution(requirement.name)
                waiting.append((found[requirement.name], frozenset(requirement.extras)))
    return list(found.values())


def command_in(site: Path) -> Path:
    """The `conductor` command of the environment that a site-packages belongs to."""
    return site.parents[2] / "bin" / "conductor"


def conductor(site: Path, *arguments: str, cwd: Path) -> str:
    """What the installed command says; it must succeed, with nothing of our environment to help it."""
    return run(command_in(site), *arguments, cwd=cwd, environment={})


def run(*command: str | Path, cwd: Path, environment: dict[str, str] | None = None) -> str:
    """Run a command that must succeed; returns what it printed."""
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
