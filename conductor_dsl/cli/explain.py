"""`conductor explain`: what a finding means and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from conductor_dsl.cli.screen import screen_look
from conductor_dsl.language.report.look import Look, printable
from conductor_dsl.language.report.pages import FAMILIES, all_codes, page, title
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.nearest import did_you_mean

_CODE = re.compile(r"(?:CDX)?(\d{1,3})", re.IGNORECASE)
_FENCE = re.compile(r"\s*(```|~~~)")
_HEADING = re.compile(r"#{1,6}\s+(.*)")


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a finding by its CODE, such as CDX101; without a code, list all by family."""
    look = screen_look()
    if code is None:
        click.echo("\n".join(_families(look)), nl=False, color=look.colour)
        return
    click.echo(markdown_to_screen(find_page(code), look), nl=False, color=look.colour)


def _families(look: Look) -> Iterator[str]:
    """Every family of codes with a heading and a line for each."""
    for digit, family in FAMILIES.items():
        codes = [each for each in all_codes() if each[3] == digit]
        yield f"{look.bold(family)}\n" + "".join(f"  {each}  {title(each)}\n" for each in codes)


def find_page(code: str) -> str:
    """The page of a code, however its case and prefix are written; raises ConductorError for an unknown one."""
    number = _CODE.fullmatch(code.strip())
    wanted = f"CDX{number[1]:0>3}" if number else code.strip().upper()
    found = page(wanted)
    if found is None:
        hint = did_you_mean(wanted, all_codes()) or "`conductor explain` lists all codes"
        raise ConductorError(f"there is no code `{code}`", hint=hint)
    return found


def markdown_to_screen(markdown: str, look: Look) -> str:
    """Markdown as text for a terminal: headings in bold, code indented."""
    return "\n".join(_lines(markdown, look)) + "\n"


def _lines(markdown: str, look: Look) -> Iterator[str]:
    in_code = False
    for line in map(printable, markdown.strip().splitlines()):
        heading = _HEADING.fullmatch(line)
        if _FENCE.match(line):
            in_code = not in_code
        elif in_code:
            yield f"    {line}".rstrip()
        else:
            yield look.bold(heading[1]) if heading else line
