"""The settings of a project: `conductor.toml` with its defaults filled in.

    [brand]            name, shop_url, zone (default UTC), country (of phone numbers; default US), postal_address,
                       unsubscribe_url (may contain {key})
    [database]         url (default sqlite:///conductor.db); CONDUCTOR_DATABASE_URL comes before it
    [lists]            NAME = "what it is for"
    [codes."34567"]    classes = ["marketing", "transactional"], keyword (what people text to subscribe)
    [sms]              provider (default "development"), and whatever the provider wants
    [email]            provider, from, reply_to, and whatever the provider wants
    [engine]           batch (1 to 50000, default 10000)

A secret is written `token = { env = "TWILIO_TOKEN" }` and taken from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from conductor_dsl.language.settings import CLASSES
from conductor_dsl.language.vocabulary import ShortCode
from conductor_dsl.project.toml_to_tables import Toml, toml_to_tables
from conductor_dsl.shared.errors import ConfigError
from conductor_dsl.shared.nearest import did_you_mean

FILE_NAME = "conductor.toml"
DATABASE_VARIABLE = "CONDUCTOR_DATABASE_URL"
DEFAULT_DATABASE = "sqlite:///conductor.db"
LARGEST_BATCH = 50_000
LARGEST_FILE = 1_048_576


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """Who carries the messages of a channel; `options` are the provider's own keys."""

    provider: str = "development"
    sender: str = ""
    reply_to: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """What `conductor.toml` in `folder` says; `has_settings` is False where there is no such file."""

    folder: Path
    has_settings: bool = False
    brand: str = ""
    shop_url: str = ""
    zone: str = "UTC"
    country: str = "US"
    postal_address: str = ""
    unsubscribe_url: str = ""
    database_url: str = DEFAULT_DATABASE
    lists: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, ShortCode] = field(default_factory=dict)
    sms: ChannelSettings = ChannelSettings()
    email: ChannelSettings = ChannelSettings()
    batch: int = 10_000

    @property
    def constants(self) -> Mapping[str, str]:
        """What templates can read in every message; only what is set."""
        names = ("brand", "shop_url", "postal_address", "unsubscribe_url")
        return {name: value for name in names if (value := getattr(self, name))}


def load_settings(folder: Path, environ: Mapping[str, str] | None) -> Settings:
    """The settings of the project in `folder`; defaults where it has no `conductor.toml`.

    Without an environment (None) nothing is read from it, so that checking a script needs no secrets. Raises
    ConfigError with the line, what is wrong, and the remedy.
    """
    toml = _read(folder / FILE_NAME)
    tables = toml_to_tables(toml, environ) if toml else {}
    brand, engine = tables.get("brand", {}), tables.get("engine", {})
    if toml:
        _check_values(toml, tables)
    url = (environ or {}).get(DATABASE_VARIABLE) or tables.get("database", {}).get("url", DEFAULT_DATABASE)
    return Settings(
        folder=folder,
        has_settings=toml is not None,
        brand=brand.get("name", ""),
        database_url=_absolute(url, folder),
        lists=tables.get("lists", {}),
        codes={code: _code(code, table) for code, table in tables.get("codes", {}).items()},
        sms=_channel(tables.get("sms", {})),
        email=_channel(tables.get("email", {})),
        **{name: value for name, value in brand.items() if name != "name"},
        **engine,
    )


def _read(path: Path) -> Toml | None:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ConfigError(f"cannot read `{path}`: {reason}", hint="it must be a file that you may read") from None
    if len(data) > LARGEST_FILE:
        raise ConfigError(f"`{path}` is larger than 1 MiB", hint="settings need a few lines only")
    try:
        return Toml(_shown(path), data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text", hint="save the file as UTF-8") from None


def _shown(path: Path) -> str:
    """The path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _check_values(toml: Toml, tables: Mapping[str, Mapping[str, Any]]) -> None:
    _check_zone(toml, tables.get("brand", {}).get("zone", "UTC"))
    batch = tables.get("engine", {}).get("batch", 1)
    if not 1 <= batch <= LARGEST_BATCH:
        hint = f"choose 1 to {LARGEST_BATCH}; 10000 suits most databases"
        raise toml.error(("engine", "batch"), f"`batch` is {batch}, which is out of range", hint)
    for code, table in tables.get("codes", {}).items():
        _check_code(toml, code, table.get("classes", ()))


def _check_code(toml: Toml, code: str, classes: list[str]) -> None:
    path = ("codes", code, "classes")
    if not classes:
        hint = 'write `classes = ["marketing"]`, as your carrier has provisioned it'
        raise toml.error(path, f"the code `{code}` has no classes", hint)
    for name in classes:
        if name not in CLASSES:
            hint = did_you_mean(name, CLASSES) or "there are `marketing`, `alert` and `transactional`"
            raise toml.error(path, f"unknown class `{name}` of the code `{code}`", hint)


def _check_zone(toml: Toml, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(zone, available_timezones()) or "a zone reads like `America/New_York`"
        raise toml.error(("brand", "zone"), f"unknown zone `{zone}`", hint) from None


def _code(number: str, table: Mapping[str, Any]) -> ShortCode:
    return ShortCode(number, tuple(table["classes"]), table.get("keyword", ""))


def _channel(table: Mapping[str, Any]) -> ChannelSettings:
    named = {"provider", "from", "reply_to"}
    return ChannelSettings(
        provider=table.get("provider", "development"),
        sender=table.get("from", ""),
        reply_to=table.get("reply_to", ""),
        options={key: value for key, value in table.items() if key not in named},
    )


def _absolute(url: str, folder: Path) -> str:
    """A SQLite URL with a relative path, made absolute from the folder; any other URL as it is."""
    scheme, marker, path = url.partition(":///")
    if not marker or not scheme.startswith("sqlite") or not path or path.startswith((":memory:", "/", "file:")):
        return url
    return f"{scheme}:///{folder.resolve() / path}"
