"""The options of the provider `smtp`, checked.

host                      the server; the only one without which nothing works
port                      465 for tls, 587 for starttls, 25 for none
security                  "tls", "starttls" (the default, but at port 465) or "none"
allow_unencrypted         true: security "none" to another machine, too
username, password        the login, if the server wants one; the password as { env = "..." }
ca_file                   certificates to trust instead of the system's
helo                      the name we greet with; the machine's own if it has a full one
return_path               where bounces go; the address in `from` unless it is set
timeout                   of each word with the server: "1s" to "3s", which is the default
connections               how many are used side by side; 4
messages_per_connection   then it is opened anew; 100
dkim                      { domain, selector, key_file } of a signature; needs dkimpy
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from conductor_dsl.api import ConfigError, Duration, did_you_mean

LONGEST_TIMEOUT = 3_000
"""Milliseconds; the node that sends has a lease of 12 s over its batch, and one message takes several words."""
_MOST_CONNECTIONS, _MOST_MESSAGES = 64, 10_000
_TEXT, _NUMBER, _FLAG, _TABLE = "a text", "a number", "`true` or `false`", "a table"
_KINDS = {
    **dict.fromkeys(("host", "security", "username", "password", "ca_file", "helo", "return_path", "timeout"), _TEXT),
    **dict.fromkeys(("port", "connections", "messages_per_connection"), _NUMBER),
    "allow_unencrypted": _FLAG,
    "dkim": _TABLE,
}
_DKIM_KINDS = dict.fromkeys(("domain", "selector", "key_file"), _TEXT)
_TYPES: Mapping[str, type] = {_TEXT: str, _NUMBER: int, _FLAG: bool, _TABLE: dict}


class Security(StrEnum):
    """How a connection is protected."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


@dataclass(frozen=True, slots=True)
class Dkim:
    """Whose signature mails carry; `key` is a private RSA key in PEM."""

    domain: str
    selector: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where the server is, and how to talk to it; `timeout` is in milliseconds."""

    host: str
    port: int
    security: Security
    context: ssl.SSLContext
    username: str = ""
    password: str = field(default="", repr=False)
    helo: str = "[127.0.0.1]"
    return_path: str = ""
    timeout: int = LONGEST_TIMEOUT
    connections: int = 4
    per_connection: int = 100
    dkim: Dkim | None = None


def read_settings(options: Mapping[str, Any], folder: str) -> SmtpSettings:
    """The settings of a table; paths in it are relative to `folder`. Raises ConfigError for what cannot be used."""
    _check_kinds(options, _KINDS, "the provider `smtp`")
    if not options.get("host"):
        raise ConfigError("the provider `smtp` has no `host`", hint='write `host = "smtp.shop.example"` into [email]')
    _check_login(options)
    security = _security(options)
    return SmtpSettings(
        host=options["host"],
        port=_number(options, "port", PORTS[security], 65_535),
        security=security,
        context=_context(options, folder),
        username=options.get("username", ""),
        password=options.get("password", ""),
        helo=options.get("helo") or _own_name(),
        return_path=options.get("return_path", ""),
        timeout=_timeout(options.get("timeout", "3s")),
        connections=_number(options, "connections", 4, _MOST_CONNECTIONS),
        per_connection=_number(options, "messages_per_connection", 100, _MOST_MESSAGES),
        dkim=_dkim(options["dkim"], folder) if "dkim" in options else None,
    )


def _check_kinds(options: Mapping[str, Any], kinds: Mapping[str, str], whose: str) -> None:
    for name, value in options.items():
        if name not in kinds:
            hint = did_you_mean(name, kinds) or "its options are " + ", ".join(f"`{each}`" for each in kinds)
            raise ConfigError(f"{whose} has no option `{name}`", hint=hint)
        if type(value) is not _TYPES[kinds[name]]:
            # Whatever stands there may be a secret, and is not repeated.
            raise ConfigError(f"`{name}` of {whose} is not {kinds[name]}", hint=_example(name, kinds[name]))


def _example(name: str, kind: str) -> str:
    examples = {_TEXT: '"..."', _NUMBER: "4", _FLAG: "true", _TABLE: "{ domain, selector, key_file }"}
    return f"write `{name} = {examples[kind]}`"


def _check_login(options: Mapping[str, Any]) -> None:
    for one, other, example in (
        ("username", "password", '{ env = "SMTP_PASSWORD" }'),
        ("password", "username", '"conductor"'),
    ):
        if options.get(one) and not options.get(other):
            hint = f"add `{other} = {example}` to [email], or leave both out"
            raise ConfigError(f"the provider `smtp` has a `{one}` and no `{other}`", hint=hint)


def _security(options: Mapping[str, Any]) -> Security:
    usual = Security.TLS if options.get("port") == PORTS[Security.TLS] else Security.STARTTLS
    written = options.get("security", usual.value)
    if written not in list(Security):
        hint = did_you_mean(written, list(Security)) or "write `tls`, `starttls` or `none`"
        raise ConfigError(f"unknown security `{written}` of the provider `smtp`", hint=hint)
    if written == Security.NONE and not options.get("allow_unencrypted") and not _is_here(options["host"]):
        hint = 'write `security = "starttls"`; if it must be, add `allow_unencrypted = true`'
        raise ConfigError(f"messages would go to `{options['host']}` unencrypted", hint=hint)
    return Security(written)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _number(options: Mapping[str, Any], name: str, usual: int, most: int) -> int:
    value: int = options.get(name, usual)
    if not 1 <= value <= most:
        raise ConfigError(f"`{name}` of the provider `smtp` is {value}", hint=f"choose 1 to {most}")
    return value


def _timeout(text: str) -> int:
    try:
        length = Duration.parse(text).length
    except ValueError:
        length = 0
    if not 1_000 <= length <= LONGEST_TIMEOUT:
        raise ConfigError(f"`timeout` of the provider `smtp` is `{text}`", hint='choose "1s", "2s" or "3s"')
    return length


def _context(options: Mapping[str, Any], folder: str) -> ssl.SSLContext:
    """What encrypts: TLS 1.2 or newer, with a certificate that is trusted and names the host."""
    if not options.get("ca_file"):
        return ssl.create_default_context()
    path = Path(folder) / options["ca_file"]
    try:
        return ssl.create_default_context(cadata=_read(path, "ca_file").decode("ascii"))
    except (ssl.SSLError, ValueError):
        hint = "it begins with `-----BEGIN CERTIFICATE-----`"
        raise ConfigError(f"the `ca_file` `{path}` holds no certificates in PEM", hint=hint) from None


def _dkim(table: Mapping[str, Any], folder: str) -> Dkim:
    _check_kinds(table, _DKIM_KINDS, "`dkim`")
    for name in _DKIM_KINDS:
        if not table.get(name):
            hint = 'write `dkim = { domain = "shop.example", selector = "s1", key_file = "dkim.pem" }`'
            raise ConfigError(f"`dkim` of the provider `smtp` has no `{name}`", hint=hint)
    if find_spec("dkim") is None:
        raise ConfigError("signing needs dkimpy, which is not installed", hint="pip install 'conductor-dsl[dkim]'")
    path = Path(folder) / table["key_file"]
    key = _read(path, "key_file")
    if b"PRIVATE KEY-----" not in key:
        hint = "`openssl genrsa -out dkim.pem 2048` makes one"
        raise ConfigError(f"the `key_file` `{path}` holds no private key in PEM", hint=hint)
    return Dkim(table["domain"], table["selector"], key)


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        hint = "a path is relative to the folder of conductor.toml"
        raise ConfigError(f"cannot read the `{name}` `{path}`: {reason}", hint=hint) from None


def _own_name() -> str:
    """The machine's name if it is a full one; asking DNS for it could take longer than a batch may."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
