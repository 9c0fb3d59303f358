"""`conductor preview`: messages as their readers will see them, before anybody gets one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from conductor_dsl.cli.installed_host import installed_host
from conductor_dsl.cli.one_conversation import one_conversation
from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.cli.page_to_png import page_to_png
from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.template_filter import Filters
from conductor_dsl.messages.seen import Seen
from conductor_dsl.messages.seen_to_html import seen_to_html
from conductor_dsl.messages.seen_to_terminal import seen_to_terminal
from conductor_dsl.plugin.host import Host
from conductor_dsl.program.operations import Send
from conductor_dsl.project.catalogue import load_catalogue, project_folder
from conductor_dsl.project.settings import Settings, load_settings
from conductor_dsl.runtime.flow_to_messages import flow_to_drafts, sending_steps
from conductor_dsl.runtime.preview import preview_for, preview_sample
from conductor_dsl.runtime.programs import LoadedMessage
from conductor_dsl.shared.clock import SystemClock
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.nearest import did_you_mean
from conductor_dsl.store.connect import connect, reading

FORMATS = ("terminal", "html", "png")
Drafts = Mapping[str, tuple[LoadedMessage, Send]]


@click.command("preview")
@click.argument("script", type=click.Path(path_type=Path))
@click.option("--step", help="Only the message of this step.")
@click.option("--contact", help="For the contact with this key; without it, with values as long as they get.")
@click.option("--conversation", "name", help="Which one, where the script holds several.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="terminal, unless the name of --output says another."
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The file to write.")
def command(
    script: Path, step: str | None, contact: str | None, name: str | None, form: str | None, *, output: Path | None
) -> None:
    """Show the messages of a conversation of SCRIPT as their readers will see them.

    A text is shown on the lock screen and opened, with its parts and what they cost; an e-mail in the inbox, narrow and
    wide. A script with errors is not shown: the exit code is 1.
    """
    host, folder = installed_host(), project_folder(script)
    conversation = one_conversation(script, name, host)
    settings = load_settings(folder, None)
    drafts = _chosen(_drafts(conversation, settings, host), step)
    seen = _seen(drafts, conversation, contact, folder, host.vocabulary.filters)
    _show(seen, conversation.name, settings, form or _format_of(output), output)


def _drafts(conversation: BoundConversation, settings: Settings, host: Host) -> Drafts:
    flow = bound_to_flow(conversation)
    messages, sends = flow_to_drafts(flow, load_catalogue(settings), host), sending_steps(flow, host)
    shown = ((number, message) for number, message in messages.items() if sends[number].url is None)
    return {flow.steps[number].name: (message, sends[number]) for number, message in shown}


def _chosen(drafts: Drafts, step: str | None) -> Drafts:
    if not drafts:
        raise ConductorError("the conversation sends no message", hint="only steps such as `sms` and `email` are shown")
    if step is None:
        return drafts
    if step not in drafts:
        hint = did_you_mean(step, drafts) or "there are " + ", ".join(f"`{name}`" for name in drafts)
        raise ConductorError(f"no step `{step}` sends a message", hint=hint)
    return {step: drafts[step]}


def _seen(
    drafts: Drafts, conversation: BoundConversation, contact: str | None, folder: Path, filters: Filters
) -> Sequence[Seen]:
    types: dict[str, ValueType | None] = dict(conversation.fields)
    types |= {f"event.{name}": type_ for name, type_ in conversation.event_fields.items()}
    if contact is None:
        return [preview_sample(step, message, types, filters) for step, (message, _) in drafts.items()]
    engine = connect(open_settings(folder).database_url)
    try:
        with reading(engine) as connection:
            return preview_for(connection, contact, drafts, types, SystemClock().now(), filters=filters)
    finally:
        engine.dispose()


def _format_of(output: Path | None) -> str:
    endings = {".html": "html", ".htm": "html", ".png": "png"}
    return endings.get(output.suffix.lower(), "terminal") if output else "terminal"


def _show(seen: Sequence[Seen], title: str, settings: Settings, form: str, output: Path | None) -> None:
    price = settings.text_price
    text = seen_to_terminal(seen, price=price) if form == "terminal" else seen_to_html(seen, title, price=price)
    if output is None and form == "png":
        raise ConductorError("a PNG file is nothing for a screen", hint="name a file: `--output preview.png`")
    if output is None:
        click.echo(text, nl=False)
        return
    write = page_to_png if form == "png" else _write
    write(text, output)
    click.echo(f"wrote {output}")


def _write(text: str, output: Path) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise ConductorError(f"cannot write `{output}`: {reason}") from None
