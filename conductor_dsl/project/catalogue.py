"""From a project's folder to all that checking its scripts needs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from conductor_dsl.language.template_filter import Filters
from conductor_dsl.language.vocabulary import Catalogue, Context, TemplateReading, Vocabulary
from conductor_dsl.messages.plain_reading import read_plain
from conductor_dsl.messages.saved_messages import load_saved_messages
from conductor_dsl.project.settings import FILE_NAME, Settings

MESSAGES = "messages"


def project_folder(script: Path) -> Path:
    """The nearest folder around a script that has a `conductor.toml`, else the script's own folder."""
    own = script.resolve().parent
    return next((folder for folder in (own, *own.parents) if (folder / FILE_NAME).exists()), own)


def load_catalogue(settings: Settings) -> Catalogue:
    """What references can name in a project; raises ConductorError for a saved message that cannot be read."""
    return Catalogue(
        saved=load_saved_messages(settings.folder / MESSAGES),
        lists=settings.lists,
        codes=settings.codes,
        pools=settings.pools,
        webhook_hosts=settings.webhook_hosts,
        webhook_private=settings.webhook_private,
        constants=settings.constants,
        senders={"email": settings.email.sender} if settings.email.sender else {},
        reply_to=settings.email.reply_to,
        text_header=settings.text_header,
        text_footer=settings.text_footer,
        zone=settings.zone,
        country=settings.country,
        has_settings=settings.has_settings,
    )


def load_context(settings: Settings, vocabulary: Vocabulary) -> Context:
    """The catalogue of a project with the words of the plugins."""
    return Context(vocabulary, load_catalogue(settings), partial(read_template, filters=vocabulary.filters))


def read_template(text: str, filters: Filters) -> TemplateReading:
    """What a template reads, which the filters of plugins may be part of; Liquid is loaded only where it is needed."""
    plain = read_plain(text)
    if plain is not None:
        return plain
    from conductor_dsl.messages.template_to_reading import read_template as read_liquid  # noqa: PLC0415

    return read_liquid(text, filters)
