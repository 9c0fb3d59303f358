"""From a project to what an import needs to know of it."""

from __future__ import annotations

from conductor_dsl.project.declared_types import declared_types
from conductor_dsl.project.settings import Settings
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions
from conductor_dsl.runtime.ingest.text_to_address import text_to_country
from conductor_dsl.shared.errors import ConfigError


def import_options(settings: Settings) -> ImportOptions:
    """The zone, the country, the lists and the declared fields; ConfigError for a country that does not exist."""
    try:
        country = text_to_country(settings.country)
    except BadRow as problem:
        raise ConfigError(str(problem), hint="it stands under [brand] in conductor.toml") from None
    types = declared_types(settings.folder)
    return ImportOptions(settings.zone, country, types.fields, types.events, frozenset(settings.lists))
