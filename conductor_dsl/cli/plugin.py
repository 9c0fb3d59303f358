"""`conductor plugin new`: a plugin of one's own, with a channel, a step and tests that pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from keyword import iskeyword
from pathlib import Path, PurePath

import click

from conductor_dsl.cli.write_new import walk, write_new
from conductor_dsl.language.statements_expect import CHANNELS
from conductor_dsl.language.words import ITEMS, KEPT, PARTS, RESERVED, SETTINGS
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.shared.errors import ConductorError

EXAMPLE, ITS_NAME = "third_party_plugin", "push"
_SPELLINGS = re.compile("conductor-push|push|PUSH|Push")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,29}")
_LEFT_BY_TOOLS = frozenset({"__pycache__", "build", "dist", "conductor_push.egg-info"})


@click.group("plugin", subcommand_metavar="new NAME")
def command() -> None:
    """Write a plugin of your own."""


@command.command("new")
@click.argument("name")
@click.option("--in", "folder", type=click.Path(path_type=Path), help="The folder to write; conductor-NAME without it.")
def new(name: str, folder: Path | None) -> None:
    """Write a small distribution with a channel and a step NAME, a provider, tests and a page.

    The folder must be new or empty.
    """
    _check_name(name, build_host())
    target = folder or Path(f"conductor-{name.replace('_', '-')}")
    for written in write_new(target, plugin_files(name)):
        click.echo(f"wrote {target / written}")
    click.echo("\n" + _next_steps(target), nl=False)


def plugin_files(name: str) -> Iterator[tuple[PurePath, bytes]]:
    """The files of the example with another name in them, by their paths."""
    for path, data in walk(files("conductor_dsl.examples") / EXAMPLE, _LEFT_BY_TOOLS):
        yield PurePath(_renamed(str(path), name)), _renamed(data.decode(), name).encode()


def _renamed(text: str, name: str) -> str:
    """The example's name in each of its spellings becomes this one; a distribution has hyphens."""
    spellings = {
        f"conductor-{ITS_NAME}": f"conductor-{name.replace('_', '-')}",
        ITS_NAME: name,
        ITS_NAME.upper(): name.upper(),
        ITS_NAME.capitalize(): name.replace("_", " ").capitalize(),
    }
    return _SPELLINGS.sub(lambda match: spellings[match[0]], text)


def _check_name(name: str, host: Host) -> None:
    """Raise ConductorError for a name that could not be installed beside what there is."""
    if not _NAME.fullmatch(name) or iskeyword(name):
        hint = "small letters, digits and `_`, such as `whatsapp`"
        raise ConductorError(f"`{name}` cannot be the name of a plugin", hint=hint)
    words = {*ITEMS, *KEPT, *PARTS, *RESERVED, *SETTINGS, *CHANNELS, *host.vocabulary.channels, *host.steps}
    if name in words:
        raise ConductorError(f"the word `{name}` has a meaning already", hint="choose another name")
    if ("provider", f"{name}_http") in host.origins:
        raise ConductorError(f"there is a provider `{name}_http` already", hint="choose another name")


def _next_steps(target: Path) -> str:
    return (
        f"  pip install -e '{target}[test]'  installs it beside Conductor\n"
        f"  pytest {target}  tries it against the rules for providers and steps\n"
        f"  {target / 'README.md'}  says what to change first\n"
    )
