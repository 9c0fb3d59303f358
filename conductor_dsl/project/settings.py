"""The settings of a project: `conductor.toml` with its defaults filled in.

    [brand]            name, shop_url, zone (default UTC), country (of phone numbers; default US), postal_address,
                       unsubscribe_url (may contain {key}; where there is none, that of [web])
    [database]         url (default sqlite:///conductor.db); CONDUCTOR_DATABASE_URL comes before it
    [lists]            NAME = "what it is for", or a table: for; double ("sms" or "email": who joins is asked once more
                       so), code, subject and confirm of what asks; min_age, birth (the field with the date)
    [codes."34567"]    classes = ["marketing", "transactional"], keyword (what people text to subscribe), frequency
                       (what they were told: "4 per 1mo"), revokes (what a STOP ends: all "texts", if nothing is
                       said, those from this "code", or "everything"), stop, help, start (what answers these),
                       per_second (how many segments may leave, on all nodes together)
    [pools."WB10"]     of coupon codes: warn_below (how many left), notify (a member of the staff), cutoff (no code is
                       given so shortly before it expires; default 0d)
    [sms]              provider (default "development"), header and footer of marketing texts, price (of a part
                       of a text, for previews), and whatever the provider wants
    [email]            provider, from, reply_to, unsubscribe_to (where people may write to leave a list), and whatever
                       the provider wants
                       each of these: fallback, another provider with its settings, for what the first one refuses for
                       the time being (in it, from is another sender)
    [webhook]          provider, hosts (which may be called), allow_private (places inside a network that may be called
                       while one develops: "localhost:8443"), and whatever the provider wants
    [web]              listen (where `serve` answers, such as "127.0.0.1:8080"), public_url (by which it is called)
    [push]             or any other channel of a plugin: provider, from, and whatever the provider wants; without such a
                       table, messages are only printed and stored
    [windows]          REGION = ["mon-sat 09:00-21:00", "holidays closed"], when marketing texts may go out in a country
                       (`US`), a state (`US-FL`) or any country without hours of its own (`*`); in place of what comes
                       with Conductor (`hours.toml`)
    [caps]             sms, email (at most so many messages to one contact, over all conversations: "3 per 7d")
    [retention]        history, events (how long what is over is kept: "400d"; without it, for ever)
    [engine]           batch (1 to 50000, default 10000), spread (over how long those are spread who waited for a
                       window; default 30m), call_seconds and call_megabytes (what the function of a plugin's step
                       may take before it is ended; default 60 and 1024)

A secret is written `token = { env = "TWILIO_TOKEN" }` and taken from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from conductor_dsl.language.vocabulary import TEXTS, CouponPool, ListRule, ShortCode
from conductor_dsl.project.answers import answers, list_rules
from conductor_dsl.project.check_settings import check_settings
from conductor_dsl.project.tables_to_rules import tables_to_rules
from conductor_dsl.project.toml_to_tables import Toml, plugin_channels, toml_to_tables
from conductor_dsl.shared.errors import ConfigError
from conductor_dsl.shared.rules import NO_RULES, Rules

FILE_NAME = "conductor.toml"
DATABASE_VARIABLE = "CONDUCTOR_DATABASE_URL"
DEFAULT_DATABASE = "sqlite:///conductor.db"
LARGEST_FILE = 1_048_576
DEFAULT_BATCH = 10_000
UNSUBSCRIBE_PATH = "/unsubscribe/{token}"
"""Where contacts leave lists at our own address; the token says who, and which."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """Who carries the messages of a channel; `options` are the provider's own keys."""

    provider: str = "development"
    sender: str = ""
    reply_to: str = ""
    unsubscribe_to: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    fallback: ChannelSettings | None = None


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
    list_rules: tuple[ListRule, ...] = ()
    codes: Mapping[str, ShortCode] = field(default_factory=dict)
    pools: Mapping[str, CouponPool] = field(default_factory=dict)
    sms: ChannelSettings = ChannelSettings()
    email: ChannelSettings = ChannelSettings()
    webhook: ChannelSettings = ChannelSettings()
    webhook_hosts: tuple[str, ...] = ()
    webhook_private: tuple[str, ...] = ()
    channels: Mapping[str, ChannelSettings] = field(default_factory=dict)
    text_header: str = ""
    text_footer: str = ""
    text_price: Decimal | None = None
    listen: str = ""
    public_url: str = ""
    batch: int = DEFAULT_BATCH
    call_seconds: int = 60
    call_megabytes: int = 1_024
    rules: Rules = NO_RULES

    @property
    def paces(self) -> Mapping[str, int]:
        """How many segments of texts each code may send in a second; without those that have no such limit."""
        return {number: code.per_second for number, code in self.codes.items() if code.per_second}

    @property
    def constants(self) -> Mapping[str, str]:
        """What templates can read in every message; only what is set."""
        names = ("brand", "shop_url", "postal_address")
        root, unsubscribe_url = self.public_url.rstrip("/"), self.unsubscribe_url
        if root and not unsubscribe_url:
            unsubscribe_url = root + UNSUBSCRIBE_PATH
        said = {name: getattr(self, name) for name in names} | {"unsubscribe_url": unsubscribe_url}
        return {name: value for name, value in said.items() if value}


def load_settings(folder: Path, environ: Mapping[str, str] | None, *, sends: bool = True) -> Settings:
    """The settings of the project in `folder`; defaults where it has no `conductor.toml`.

    Without an environment (None) nothing is read from it, so that checking a script needs no secrets; who `sends`
    nothing needs those of no provider. Raises ConfigError with the line, what is wrong, and the remedy.
    """
    toml = _read(folder / FILE_NAME)
    tables = toml_to_tables(toml, environ, sends=sends) if toml else {}
    brand, engine, lists = tables.get("brand", {}), tables.get("engine", {}), tables.get("lists", {})
    if toml:
        check_settings(toml, tables)
    url = (environ or {}).get(DATABASE_VARIABLE) or tables.get("database", {}).get("url", DEFAULT_DATABASE)
    return Settings(
        folder=folder,
        has_settings=toml is not None,
        brand=brand.get("name", ""),
        database_url=_absolute(url, folder),
        lists={name: table if isinstance(table, str) else table["for"] for name, table in lists.items()},
        list_rules=list_rules(lists, tables.get("codes", {}), brand),
        codes={code: _code(code, table, brand) for code, table in tables.get("codes", {}).items()},
        pools={name: CouponPool(name, **table) for name, table in tables.get("pools", {}).items()},
        sms=_channel(tables.get("sms", {}), "header", "footer", "price"),
        email=_channel(tables.get("email", {})),
        webhook=_channel(tables.get("webhook", {}), "hosts", "allow_private"),
        channels={name: _channel(tables[name]) for name in plugin_channels(tables)},
        webhook_hosts=tuple(tables.get("webhook", {}).get("hosts", ())),
        webhook_private=tuple(tables.get("webhook", {}).get("allow_private", ())),
        text_header=tables.get("sms", {}).get("header", ""),
        text_footer=tables.get("sms", {}).get("footer", ""),
        text_price=Decimal(str(price)) if (price := tables.get("sms", {}).get("price")) is not None else None,
        **tables.get("web", {}),
        batch=engine.get("batch", DEFAULT_BATCH),
        **{key: engine[key] for key in ("call_seconds", "call_megabytes") if key in engine},
        rules=tables_to_rules(tables),
        **{name: value for name, value in brand.items() if name != "name"},
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


def _code(number: str, table: Mapping[str, Any], brand: Mapping[str, str]) -> ShortCode:
    return ShortCode(
        number=number,
        classes=tuple(table["classes"]),
        keyword=table.get("keyword", ""),
        frequency=table.get("frequency", ""),
        answers=answers(table, brand),
        revokes=table.get("revokes", TEXTS),
        per_second=table.get("per_second", 0),
    )


def _channel(table: Mapping[str, Any], *others: str) -> ChannelSettings:
    """`others` are keys that are not the provider's own."""
    named = {"provider", "from", "reply_to", "unsubscribe_to", "fallback", *others}
    fallback = table.get("fallback")
    return ChannelSettings(
        provider=table.get("provider", "development"),
        sender=table.get("from", ""),
        reply_to=table.get("reply_to", ""),
        unsubscribe_to=table.get("unsubscribe_to", ""),
        options={key: value for key, value in table.items() if key not in named},
        fallback=_channel(fallback) if fallback else None,
    )


def _absolute(url: str, folder: Path) -> str:
    """A SQLite URL with a relative path, made absolute from the folder; any other URL as it is."""
    scheme, marker, path = url.partition(":///")
    if not marker or not scheme.startswith("sqlite") or not path or path.startswith((":memory:", "/", "file:")):
        return url
    return f"{scheme}:///{folder.resolve() / path}"
