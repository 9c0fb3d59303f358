"""The options of the provider `smpp`, checked.

host, port                the SMS centre; port 2775, with TLS 3550
tls, ca_file              true: encrypted; certificates to trust instead of the system's
system_id, password       the login; the password as { env = "..." }
system_type               as the carrier wants it; empty
rate                      parts of texts in a second; 0, the default, is as many as the carrier takes
window                    texts that may wait for an answer at once; 10
timeout                   of an answer: "1s" to "3s", which is the default
enquire                   after so long a silence the carrier is asked whether it is there; "30s"
receipts                  whether delivery receipts are asked for; true
receipt_ids               "same" as in the answer, or the same number: "decimal" there, where the answer has "hex", or
                          "hex" where the answer has decimal
concatenation             of long texts: "udh", or "sar" for carriers that want parameters instead of a header
source_ton, source_npi    of our sender; by its form unless they are set
dest_ton, dest_npi        of numbers; 1 and 1, international
country_code              put before national numbers of people who text us: "1"
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conductor_dsl.api import ConfigError, Duration, did_you_mean

_TEXT, _NUMBER, _FLAG, _TIME = "a text", "a number", "`true` or `false`", 'a duration such as "5s"'
_KINDS = {
    **dict.fromkeys(("host", "system_id", "password", "system_type", "ca_file", "country_code"), _TEXT),
    **dict.fromkeys(("receipt_ids", "concatenation"), _TEXT),
    **dict.fromkeys(("port", "rate", "window", "source_ton", "source_npi", "dest_ton", "dest_npi"), _NUMBER),
    **dict.fromkeys(("tls", "receipts"), _FLAG),
    **dict.fromkeys(("timeout", "enquire"), _TIME),
}
_TYPES: Mapping[str, type] = {_TEXT: str, _NUMBER: int, _FLAG: bool, _TIME: str}
_RANGES = {
    "port": (1, 65_535),
    "rate": (0, 100_000),
    "window": (1, 1_000),
    **dict.fromkeys(("source_ton", "dest_ton"), (0, 6)),
    **dict.fromkeys(("source_npi", "dest_npi"), (0, 18)),
}
_TIMES = {"timeout": (1_000, 3_000), "enquire": (1_000, 3_600_000)}
"""Milliseconds; a call to a provider should take less than 4 s."""
_WORDS = {"receipt_ids": ("same", "decimal", "hex"), "concatenation": ("udh", "sar")}
_LENGTHS = {"system_id": 15, "password": 8, "system_type": 12}
"""The most characters that SMPP has room for."""


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """Where the SMS centre is, and how to talk to it; times are in seconds.

    Types of numbers (TON) and plans (NPI) that are None follow from the form of the sender.
    """

    host: str
    port: int = 2775
    trust: ssl.SSLContext | None = None
    system_id: str = ""
    password: str = field(default="", repr=False)
    system_type: str = ""
    rate: int = 0
    window: int = 10
    timeout: float = 3.0
    enquire: float = 30.0
    receipts: bool = True
    receipt_ids: str = "same"
    concatenation: str = "udh"
    source_ton: int | None = None
    source_npi: int | None = None
    dest_ton: int = 1
    dest_npi: int = 1
    country_code: str = ""


def read_settings(options: Mapping[str, Any], folder: str) -> SmppSettings:
    """The settings; raises ConfigError for the first option that cannot be used."""
    for name, value in options.items():
        _check(name, value)
    if not options.get("host"):
        raise ConfigError("the provider `smpp` has no `host`", hint='write `host = "smpp.carrier.example"`')
    given = {name: value for name, value in options.items() if name not in ("tls", "ca_file")}
    given |= {name: Duration.parse(given[name]).after(0) / 1_000 for name in _TIMES if name in given}
    trust = _trust(options, folder)
    return SmppSettings(**{"port": 3550 if trust else 2775} | given, trust=trust)


def _check(name: str, value: object) -> None:
    kind = _KINDS.get(name)
    if kind is None:
        hint = did_you_mean(name, _KINDS) or f"its options are {', '.join(f'`{known}`' for known in _KINDS)}"
        raise ConfigError(f"the provider `smpp` has no option `{name}`", hint=hint)
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != _FLAG):
        raise ConfigError(f"`{name}` of the provider `smpp` is not {kind}")
    if isinstance(value, int) and name in _RANGES:
        least, most = _RANGES[name]
        if not least <= value <= most:
            raise ConfigError(f"`{name}` of the provider `smpp` is not a number from {least} to {most}")
    if isinstance(value, str):
        _check_text(name, value)


def _check_text(name: str, value: str) -> None:
    if name in _WORDS and value not in _WORDS[name]:
        there_are = ", ".join(f"`{word}`" for word in _WORDS[name])
        raise ConfigError(f"`{name}` of the provider `smpp` is none of {there_are}")
    if name in _LENGTHS and (len(value) > _LENGTHS[name] or not value.isascii()):
        raise ConfigError(f"`{name}` of the provider `smpp` has more than the {_LENGTHS[name]} letters that SMPP takes")
    if name in _TIMES:
        least, most = _TIMES[name]
        try:
            milliseconds = Duration.parse(value).after(0)
        except ValueError:
            milliseconds = -1
        if not least <= milliseconds <= most:
            raise ConfigError(
                f"`{name}` of the provider `smpp` is not a duration that it can use",
                hint=f"write one of at most {most // 1_000}s",
            )


def _trust(options: Mapping[str, Any], folder: str) -> ssl.SSLContext | None:
    """Whose certificates count; None without TLS."""
    if not options.get("tls"):
        return None
    ca_file = options.get("ca_file")
    try:
        return ssl.create_default_context(cafile=Path(folder) / ca_file if ca_file else None)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = "it is a file with certificates in PEM form"
        raise ConfigError(f"`ca_file` of the provider `smpp` cannot be read: {reason}", hint=hint) from None
