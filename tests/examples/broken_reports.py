"""What `conductor check` says of every script in examples/broken; run as a module, it writes that beside them."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner

from conductor_dsl.cli import main
from conductor_dsl.language.report.pages import title

FOLDER = Path(__file__).parents[2] / "examples" / "broken"
SCREEN = {"COLUMNS": "100"}
MARK = "| code | what is wrong | script | report |\n| --- | --- | --- | --- |\n"


def scripts() -> list[Path]:
    """Every broken script, by its code."""
    return sorted(FOLDER.rglob("*.cdx"), key=lambda path: path.stem)


def report(script: Path) -> str:
    """What `conductor check` prints in the script's folder."""
    with chdir(script.parent):
        return CliRunner().invoke(main, ["check", script.name], prog_name="conductor", env=SCREEN).stdout


def readme() -> str:
    """The page with its table made anew."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    return text.partition(MARK)[0] + MARK + "".join(map(_row, scripts()))


def _row(script: Path) -> str:
    path = script.relative_to(FOLDER).as_posix()
    shown = path.removesuffix(".cdx") + ".txt"
    return f"| {script.stem} | {title(script.stem)} | [{path}]({path}) | [{shown}]({shown}) |\n"


def write() -> None:
    """Write every report, and the page."""
    for script in scripts():
        script.with_suffix(".txt").write_text(report(script), encoding="utf-8")
    (FOLDER / "README.md").write_text(readme(), encoding="utf-8")


if __name__ == "__main__":
    write()
