"""What `[sms]` of `conductor.toml` says to the provider `twilio`.

account_sid             the account, `AC...`
auth_token              its secret: { env = "TWILIO_AUTH_TOKEN" }
messaging_service_sid   the service that picks a sender, `MG...`; for messages without a sender of their own
base_url                another service that speaks the same (default https://api.twilio.com)
timeout                 how long to wait for a connection, and for each part of an answer (default 5s, at most 60s)
connections             how many are open at once (default 8, at most 100)
settle                  how long after an attempt a list without the message is believed (default 30s)
signing_key             what callbacks are signed with, where it is not the auth token
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from conductor_dsl.api import ConfigError, Duration

NAMES = (
    "account_sid",
    "auth_token",
    "messaging_service_sid",
    "base_url",
    "timeout",
    "connections",
    "settle",
    "signing_key",
)
_LOCAL = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")
_DEFAULTS = {"base_url": "https://api.twilio.com", "timeout": "5s", "settle": "30s", "connections": 8}
_LONGEST_TIMEOUT = 60_000
_MOST_CONNECTIONS = 100


@dataclass(frozen=True, slots=True)
class Options:
    """The options with their defaults; `timeout` and `settle` are in milliseconds."""

    account_sid: str
    auth_token: str = field(repr=False)
    signing_key: str = field(repr=False)
    messaging_service_sid: str
    base_url: SplitResult
    timeout: int
    settle: int
    connections: int


def read_options(given: Mapping[str, Any]) -> Options:
    """The options of the provider; raises ConfigError for one that is missing or cannot be used."""
    unknown = sorted(set(given) - set(NAMES))
    if unknown:
        hint = "its options are " + ", ".join(f"`{name}`" for name in NAMES)
        raise ConfigError(f"the provider `twilio` has no option `{unknown[0]}`", hint=hint)
    table = {**_DEFAULTS, **given}
    token = _secret(table, "auth_token")
    return Options(
        account_sid=_sid(table, "account_sid", "AC"),
        auth_token=token,
        signing_key=_secret(table, "signing_key") if "signing_key" in table else token,
        messaging_service_sid=_sid(table, "messaging_service_sid", "MG") if "messaging_service_sid" in table else "",
        base_url=_url(table),
        timeout=_length(table, "timeout", 1, _LONGEST_TIMEOUT),
        settle=_length(table, "settle", 0, None),
        connections=_connections(table),
    )


def _secret(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name)
    if isinstance(value, str) and value.isascii() and value.isprintable() and value.strip():
        return value.strip()
    hint = f'write `{name} = {{ env = "TWILIO_{name.upper()}" }}` under [sms] in conductor.toml'
    raise ConfigError(f"the provider `twilio` has no `{name}` that it can use", hint=hint)


def _sid(table: Mapping[str, Any], name: str, start: str) -> str:
    value = table.get(name)
    if isinstance(value, str) and re.fullmatch(f"{start}[0-9a-fA-F]{{32}}", value):
        return value
    hint = f"it is `{start}` with 32 hexadecimal digits behind it; the console of Twilio shows it"
    raise ConfigError(f"the provider `twilio` has no `{name}` that it can use", hint=hint)


def _url(table: Mapping[str, Any]) -> SplitResult:
    url = table["base_url"]
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        _ = parts and parts.port
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        hint = "write an address such as `https://api.twilio.com`"
        raise ConfigError("`base_url` of the provider `twilio` is not a web address", hint=hint)
    if parts.scheme == "http" and not _LOCAL.fullmatch(parts.hostname):
        hint = "over plain http the auth token could be read on its way; only an address of this machine may be so"
        raise ConfigError("`base_url` of the provider `twilio` does not begin with `https://`", hint=hint)
    return parts


def _length(table: Mapping[str, Any], name: str, least: int, most: int | None) -> int:
    value = table[name]
    try:
        length: int | None = Duration.parse(value).length if isinstance(value, str) else None
    except ValueError:
        length = None
    if length is not None and least <= length <= (length if most is None else most):
        return length
    raise ConfigError(f"`{name}` of the provider `twilio` is not a length of time", hint='write one such as "10s"')


def _connections(table: Mapping[str, Any]) -> int:
    value = table["connections"]
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_CONNECTIONS:
        return value
    raise ConfigError(
        "`connections` of the provider `twilio` is not a number that it can use",
        hint=f"write a whole number from 1 to {_MOST_CONNECTIONS}",
    )
