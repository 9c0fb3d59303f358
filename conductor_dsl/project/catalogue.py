"""From a project's folder to all that checking its scripts needs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from conductor_dsl.language.statements_expect import CHANNELS
from conductor_dsl.language.template_filter import Filters
from conductor_dsl.language.vocabulary import Catalogue, Context, TemplateReading, Vocabulary
from conductor_dsl.messages.plain_reading import read_plain
from conductor_dsl.messages.saved_messages import load_saved_messages
from conductor_dsl.project.settings import FILE_NAME, ChannelSettings, Settings
from conductor_dsl.shared.errors import ConfigError
from conductor_dsl.shared.nearest import did_you_mean

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
        list_rules=settings.list_rules,
        public_url=settings.public_url,
        codes=settings.codes,
        pools=settings.pools,
        webhook_hosts=settings.webhook_hosts,
        webhook_private=settings.webhook_private,
        constants=settings.constants,
        senders={name: each.sender for name, each in _with_senders(settings) if each.sender},
        reply_to=settings.email.reply_to,
        unsubscribe_to=settings.email.unsubscribe_to,
        text_header=settings.text_header,
        text_footer=settings.text_footer,
        rules=settings.rules,
        zone=settings.zone,
        country=settings.country,
        has_settings=settings.has_settings,
    )


def _with_senders(settings: Settings) -> Iterable[tuple[str, ChannelSettings]]:
    """The channels whose messages come from whom `conductor.toml` says."""
    return {"email": settings.email, **settings.channels}.items()


def load_context(settings: Settings, vocabulary: Vocabulary) -> Context:
    """The catalogue of a project with the words of the plugins.

    Raises ConfigError for settings of a channel that no plugin carries.
    """
    require_channels(settings, vocabulary.channels)
    return Context(vocabulary, load_catalogue(settings), partial(read_template, filters=vocabulary.filters))


def require_channels(settings: Settings, channels: Iterable[str]) -> None:
    """Raise ConfigError for settings of a channel that no plugin carries."""
    for name in settings.channels:
        if name not in channels:
            near = did_you_mean(name, (*CHANNELS, *channels))
            hint = near or "a plugin brings it; `conductor plugins` shows what is installed"
            raise ConfigError(f"{FILE_NAME}: no plugin carries the channel `{name}`", hint=hint)


def read_template(text: str, filters: Filters) -> TemplateReading:
    """What a template reads, which the filters of plugins may be part of; Liquid is loaded only where it is needed."""
    plain = read_plain(text)
    if plain is not None:
        return plain
    from conductor_dsl.messages.template_to_reading import read_template as read_liquid  # noqa: PLC0415

    return read_liquid(text, filters)
