"""Build docs/proven.md: `python -m tests.proven`. With names of suites, take over their latest figures before."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from tests.proven.figures import BUILT, ROOT, read_figures
from tests.proven.figures_to_page import figures_to_page

KEPT = ROOT / "docs" / "figures"
PAGE = ROOT / "docs" / "proven.md"


def main() -> int:
    """Take over the figures of the suites named, and write the page; 1 where figures are not fit to be shown."""
    parser = argparse.ArgumentParser(prog="python -m tests.proven", description=__doc__)
    parser.add_argument("names", nargs="*", help="suites whose figures stand in build/figures, as `crash`")
    names: list[str] = parser.parse_args().names
    for name in names:
        wrong = unfit(BUILT / f"{name}.json")
        if wrong:
            sys.stderr.write(f"error: build/figures/{name}.json: {wrong}\n")
            return 1
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(BUILT / f"{name}.json", KEPT / f"{name}.json")
    PAGE.write_text(page(), encoding="utf-8")
    return 0


def unfit(path: Path) -> str:
    """Why figures may not be shown: a page shows what can be repeated, and holds. Empty if they may."""
    if not path.exists():
        return "there is no such file; run the suite"
    told = read_figures(path)
    if not told["holds"]:
        return "a promise was broken"
    if not told["commit"] or str(told["commit"]).endswith("+"):
        return "they do not come from a commit; commit first, then run the suite"
    return ""


def page() -> str:
    """The page that follows from the figures that are kept."""
    return figures_to_page(read_figures(path) for path in KEPT.glob("*.json"))


if __name__ == "__main__":
    sys.exit(main())
