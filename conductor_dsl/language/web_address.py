"""Web addresses that scripts may name: encrypted, without a password, at a public host."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

LONGEST = 2_000
HTTPS = 443
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])", re.ASCII)
_INNER = ("localhost", "local", "internal", "localdomain", "lan", "home", "corp", "intranet")
"""Ends of names that mean something inside a network only."""


def host_of(address: str) -> str:
    """The host of an address, in small letters; empty where it has none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def place_of(address: str) -> str:
    """The host of an address with its port, as `hooks.shop.example:443`; empty where it has none."""
    try:
        return f"{host_of(address)}:{urlsplit(address).port or HTTPS}" if host_of(address) else ""
    except ValueError:
        return ""


def host_problem(host: str) -> str | None:
    """Why nothing may be sent to a host: only names that everybody can look up may be called.

    A number, or a name inside a network, would let whoever writes a script talk to the machines behind the firewall.
    """
    if not _HOST.fullmatch(host) or len(host) > 253:
        return "it is not the full name of a host"
    return "it lies inside a network" if host.rpartition(".")[2] in _INNER else None


def address_problem(address: str, private: Collection[str] = ()) -> tuple[str, str] | None:
    """Why an address cannot be used, with the remedy; None where it can.

    `private` are places, such as `localhost:8443`, that may be called although they lie inside a network.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "it is not a web address", "write `https://`, a host and a path"
    if len(address) > LONGEST:
        return f"it is longer than {LONGEST:,} characters", "a short one is told by a short name"
    if parts.scheme != "https":
        return "it does not begin with `https://`", "without encryption everybody on the way can read it"
    if parts.username is not None or parts.password is not None:
        return "it holds a name or a password", "what is secret belongs into the environment"
    if place_of(address) not in private and (problem := host_problem(host_of(address))):
        return problem, "write the public name of the host, such as `hooks.shop.example`"
    if port == 0 or parts.fragment or not address.isascii() or re.search(r"[\s\\<>\"{}|^`]", address):
        return "it has characters that a web address cannot have", "write `https://`, a host and a path"
    return None
