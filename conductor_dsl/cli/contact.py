"""`conductor contact`: everything that is held of somebody, to be shown, handed out, or forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from conductor_dsl.cli.contact_in_words import contact_in_words
from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.plugin.host import build_host
from conductor_dsl.project.settings import Settings
from conductor_dsl.runtime.contact_file import contact_to_file
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.runtime.forget import forget
from conductor_dsl.runtime.open_project import by_callback, carriers_of
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import Connection, Engine, connect, reading
from conductor_dsl.store.dossier import find_contact, is_erased

PROJECT = click.option("--project", type=click.Path(path_type=Path), default=Path(), help="Where conductor.toml is.")


@click.group("contact")
def command() -> None:
    """Show, export or erase what is held of a contact."""


@command.command("show")
@click.argument("key")
@PROJECT
def show(key: str, project: Path) -> None:
    """Show who KEY is, what they agreed to, what was sent to them, and why something was not.

    KEY is the key of a contact, its e-mail address or its number.
    """
    with _file(key, project) as held:
        click.echo("\n".join(contact_in_words(held)))


@command.command("export")
@click.argument("key")
@PROJECT
def export(key: str, project: Path) -> None:
    """Write everything that is held of KEY as JSON, the texts of messages included (GDPR, article 20)."""
    with _file(key, project) as held:
        click.echo(json.dumps(held, ensure_ascii=False, indent=2))


@command.command("erase")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@PROJECT
def erase(keys: tuple[str, ...], *, yes: bool, project: Path) -> None:
    """Forget each KEY: what is held of them is deleted or blanked, and no import brings them back.

    What stays cannot be read: hashes of the key and the addresses, by which they are recognized when they come again,
    and in the ledger of consent hashes in place of texts. What a provider keeps elsewhere is not ours to delete.
    """
    settings = open_settings(project, sends=True)
    with _opened(settings) as engine:
        with reading(engine) as connection:
            ids = list(_ids(connection, keys))
        if ids and not yes:
            click.confirm(f"forget {len(ids):,} {'contact' if len(ids) == 1 else 'contacts'} for ever?", abort=True)
        clock = EngineClock(engine)
        carriers = carriers_of(settings, build_host(), engine, clock, lambda _line: None)
        count = forget(engine, list(by_callback(carriers).values()), ids, clock.now())
    click.echo(f"{count:,} erased" if ids else "erased already")


@contextmanager
def _opened(settings: Settings) -> Iterator[Engine]:
    engine = connect(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _file(key: str, project: Path) -> Iterator[dict[str, object]]:
    with _opened(open_settings(project)) as engine, reading(engine) as connection:
        [contact_id] = _ids(connection, [key]) or [0]
        if not contact_id:
            raise ConductorError(f"`{key}` has been erased", hint="what is left of them cannot be read")
        now = EngineClock(engine).now()
        yield contact_to_file(connection, load_programs(connection, build_host()), contact_id, now)


def _ids(connection: Connection, keys: Sequence[str]) -> list[int]:
    """The numbers of contacts, without those that have been erased; ConductorError for one that nobody knows."""
    found = {key: find_contact(connection, key) for key in keys}
    for key, contact_id in found.items():
        if contact_id is None and not is_erased(connection, key):
            raise ConductorError(f"there is no contact `{key}`", hint="a contact has a key, an address, or a number")
    return [contact_id for contact_id in dict.fromkeys(found.values()) if contact_id is not None]
