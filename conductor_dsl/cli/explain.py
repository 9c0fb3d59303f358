"""`conductor explain`: what a finding means and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import click

from conductor_dsl.cli.screen import screen_look
from conductor_dsl.language.report.look import Look, printable
from conductor_dsl.language.report.pages import FAMILIES, all_codes, page, title
from conductor_dsl.language.script_check import ScriptCheck
from conductor_dsl.plugin.host import Host, build_host
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
    number = _CODE.fullmatch((code or "").strip())
    if number:  # Conductor's own codes need no plugins
        click.echo(markdown_to_screen(find_page(f"CDX{number[1]:0>3}", ()), look), nl=False, color=look.colour)
        return
    host = build_host()
    if code is None:
        click.echo("\n".join([*_families(look), *_plugin_codes(host, look)]), nl=False, color=look.colour)
        return
    click.echo(markdown_to_screen(find_page(code, host.vocabulary.checks), look), nl=False, color=look.colour)


def _families(look: Look) -> Iterator[str]:
    """Every family of codes with a heading and a line for each."""
    for digit, family in FAMILIES.items():
        codes = [each for each in all_codes() if each[3] == digit]
        yield f"{look.bold(family)}\n" + "".join(f"  {each}  {title(each)}\n" for each in codes)


def _plugin_codes(host: Host, look: Look) -> Iterator[str]:
    """The codes of each plugin that has checks, as another family."""
    by_plugin: dict[str, list[ScriptCheck]] = {}
    for check in host.vocabulary.checks:
        by_plugin.setdefault(host.origins["check", check.code], []).append(check)
    for plugin, checks in by_plugin.items():
        yield f"{look.bold(f'From the plugin {plugin}')}\n" + "".join(
            f"  {check.code}  {printable(check.summary)}\n" for check in checks
        )


def find_page(code: str, added: Sequence[ScriptCheck]) -> str:
    """The page of a code, in any case, of our own or of the checks of plugins; ConductorError for no such code."""
    wanted = code.strip().upper()
    own = {check.code: check.page or f"# {check.code}: {check.summary}\n" for check in added}
    found = page(wanted) or own.get(wanted)
    if found is None:
        hint = did_you_mean(wanted, (*all_codes(), *own)) or "`conductor explain` lists all codes"
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
