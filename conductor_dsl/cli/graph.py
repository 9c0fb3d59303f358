"""`conductor graph`: a conversation as a picture that needs no explanation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from conductor_dsl.cli.one_conversation import one_conversation
from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.picture.add_counts import add_counts
from conductor_dsl.picture.conversation_to_picture import conversation_to_picture
from conductor_dsl.picture.layout_to_svg import layout_to_svg
from conductor_dsl.picture.nouns import Picture
from conductor_dsl.picture.picture_to_dot import picture_to_dot
from conductor_dsl.picture.picture_to_layout import picture_to_layout
from conductor_dsl.picture.picture_to_mermaid import picture_to_mermaid
from conductor_dsl.picture.svg_to_png import svg_to_png
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.project.catalogue import load_catalogue, project_folder
from conductor_dsl.project.settings import load_settings
from conductor_dsl.shared.errors import ConductorError


def _to_svg(picture: Picture) -> bytes:
    return layout_to_svg(picture_to_layout(picture)).encode()


def _to_png(picture: Picture) -> bytes:
    return svg_to_png(layout_to_svg(picture_to_layout(picture)))


def _to_mermaid(picture: Picture) -> bytes:
    return picture_to_mermaid(picture).encode()


def _to_dot(picture: Picture) -> bytes:
    return picture_to_dot(picture).encode()


FORMATS: Mapping[str, Callable[[Picture], bytes]] = MappingProxyType(
    {"svg": _to_svg, "png": _to_png, "mermaid": _to_mermaid, "dot": _to_dot}
)


@click.command("graph")
@click.argument("script", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), help="svg, unless the name of --output says another."
)
@click.option("--conversation", "name", help="Which one, where the script holds several.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The file to write; without it, standard output.")
@click.option("--live", is_flag=True, help="With figures from the project's database.")
@click.option("--database", help="With figures from this database, by its URL.")
def command(
    script: Path, form: str | None, name: str | None, output: Path | None, *, live: bool, database: str | None
) -> None:
    """Draw a conversation of SCRIPT as a picture: who enters, what they get, which ways they take.

    A script with errors is not drawn: they are shown, and the exit code is 1.
    """
    host = build_host()
    conversation = one_conversation(script, name, host)
    folder = project_folder(script)
    picture = conversation_to_picture(conversation, load_catalogue(load_settings(folder, None)).saved)
    if live or database:
        picture = _with_counts(picture, conversation, database or open_settings(folder).database_url, host)
    chosen = form or _format_of(output)
    if chosen == "png" and output is None and sys.stdout.isatty():
        raise ConductorError("a PNG file is nothing for a screen", hint="name a file: `--output picture.png`")
    _write(FORMATS[chosen](picture), output)


def _with_counts(picture: Picture, conversation: BoundConversation, url: str, host: Host) -> Picture:
    """The picture with what has happened so far; says so where the figures are not those of the script as it stands."""
    from conductor_dsl.cli.picture_counts import has_changed, picture_counts  # noqa: PLC0415
    from conductor_dsl.runtime.programs import load_programs  # noqa: PLC0415
    from conductor_dsl.store.connect import connect, reading  # noqa: PLC0415

    engine = connect(url)
    try:
        with reading(engine) as connection:
            live = [each for each in load_programs(connection, host).live if each.flow.name == conversation.name]
            if not live:
                click.echo(f"`{conversation.name}` is not published, so there are no figures", err=True)
                return picture
            if has_changed(live[0], conversation):
                click.echo(
                    "the script has other steps than what is published; figures stand where names agree", err=True
                )
            return add_counts(picture, picture_counts(connection, live[0], conversation))
    finally:
        engine.dispose()


def _format_of(output: Path | None) -> str:
    endings = {"mmd": "mermaid", "gv": "dot"} | {form: form for form in FORMATS}
    return endings.get(output.suffix.lstrip(".").lower(), "svg") if output else "svg"


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        click.echo(data, nl=False)
        return
    try:
        output.write_bytes(data)
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise ConductorError(f"cannot write `{output}`: {reason}") from None
    click.echo(f"wrote {output}")
