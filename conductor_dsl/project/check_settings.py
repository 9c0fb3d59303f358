"""Whether the values of `conductor.toml` can be used; their types have been checked already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from conductor_dsl.language.checks.declared_frequency import FREQUENCY
from conductor_dsl.language.checks.staff_address import ADDRESS, NAMED_ADDRESS
from conductor_dsl.language.settings import CLASSES
from conductor_dsl.language.vocabulary import CONFIRM_URL, REVOKES, TEXTS
from conductor_dsl.language.web_address import host_problem
from conductor_dsl.messages.plain_reading import read_plain
from conductor_dsl.project.answers import ANSWERED
from conductor_dsl.project.tables_to_rules import check_rules
from conductor_dsl.project.toml_to_tables import Toml
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.nearest import did_you_mean

_PLACE = re.compile(r"[a-z0-9.-]+:[1-9][0-9]{0,4}")
LARGEST_BATCH = 50_000
FASTEST = 10_000
CALLS = MappingProxyType({"call_seconds": (1, 600), "call_megabytes": (256, 65_536)})
"""What the function of a step may take, from and to."""
FRAME_VARIABLES = ("brand", "shop_url", "postal_address")
"""What the header and the footer of texts may read: what is the same for everybody."""


def check_settings(toml: Toml, tables: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise ConfigError, with its line, for the first value that cannot be used."""
    _check_zone(toml, tables.get("brand", {}).get("zone", "UTC"))
    batch = tables.get("engine", {}).get("batch", 1)
    if not 1 <= batch <= LARGEST_BATCH:
        hint = f"choose 1 to {LARGEST_BATCH}; 10000 suits most databases"
        raise toml.error(("engine", "batch"), f"`batch` is {batch}, which is out of range", hint)
    for key, (least, most) in CALLS.items():
        limit = tables.get("engine", {}).get(key, most)
        if not least <= limit <= most:
            hint = f"choose {least} to {most}"
            raise toml.error(("engine", key), f"`{key}` is {limit}, which is out of range", hint)
    for code, table in tables.get("codes", {}).items():
        _check_code(toml, code, table.get("classes", ()))
        _check_frequency(toml, code, table.get("frequency", ""))
        _check_revokes(toml, code, table.get("revokes", TEXTS))
        for key in ANSWERED:
            _check_frame(toml, ("codes", code, key), table.get(key, ""))
        _check_pace(toml, code, table.get("per_second", 1))
    for name, rule in tables.get("lists", {}).items():
        if not isinstance(rule, str):
            _check_list(toml, name, rule, tables)
    for name, table in tables.get("pools", {}).items():
        _check_pool(toml, name, table)
    for host in tables.get("webhook", {}).get("hosts", ()):
        _check_host(toml, host)
    for place in tables.get("webhook", {}).get("allow_private", ()):
        _check_place(toml, place)
    _check_public_url(toml, tables.get("web", {}))
    _check_addresses(toml, tables.get("email", {}))
    check_rules(toml, tables)
    for key in ("header", "footer"):
        _check_frame(toml, ("sms", key), tables.get("sms", {}).get(key, ""))


def _check_code(toml: Toml, code: str, classes: list[str]) -> None:
    path = ("codes", code, "classes")
    if not classes:
        hint = 'write `classes = ["marketing"]`, as your carrier has provisioned it'
        raise toml.error(path, f"the code `{code}` has no classes", hint)
    for name in classes:
        if name not in CLASSES:
            hint = did_you_mean(name, CLASSES) or "there are `marketing`, `alert` and `transactional`"
            raise toml.error(path, f"unknown class `{name}` of the code `{code}`", hint)


def _check_frequency(toml: Toml, code: str, frequency: str) -> None:
    if frequency and not FREQUENCY.fullmatch(frequency):
        message = f"the frequency `{frequency}` of the code `{code}` cannot be read"
        raise toml.error(("codes", code, "frequency"), message, 'write `frequency = "4 per 1mo"`')


def _check_pace(toml: Toml, code: str, per_second: int) -> None:
    if not 1 <= per_second <= FASTEST:
        hint = "write how many segments a second the carrier lets the code send, such as `per_second = 100`"
        message = f"`per_second` of the code `{code}` is {per_second}, which is out of range"
        raise toml.error(("codes", code, "per_second"), message, hint)


def _check_zone(toml: Toml, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(zone, available_timezones()) or "a zone reads like `America/New_York`"
        raise toml.error(("brand", "zone"), f"unknown zone `{zone}`", hint) from None


def _check_pool(toml: Toml, name: str, table: Mapping[str, Any]) -> None:
    below, notify, cutoff = table.get("warn_below", 0), table.get("notify", ""), table.get("cutoff", "0d")
    if below < 0:
        path = ("pools", name, "warn_below")
        raise toml.error(path, f"`warn_below` is {below}, and no pool holds fewer than 0", "write `warn_below = 500`")
    if notify and not ADDRESS.fullmatch(notify):
        hint = "write one address, such as `crm@shop.example`"
        raise toml.error(("pools", name, "notify"), f"`{notify}` is not an e-mail address", hint)
    if bool(below) != bool(notify):
        missing, hint = ("notify", 'notify = "crm@shop.example"') if below else ("warn_below", "warn_below = 500")
        message = f"the pool `{name}` would warn nobody: it has no `{missing}`"
        raise toml.error(("pools", name), message, f"add `{hint}`")
    try:
        Duration.parse(cutoff)
    except ValueError:
        path = ("pools", name, "cutoff")
        raise toml.error(path, f"`{cutoff}` is not a duration", 'write `cutoff = "3d"`') from None


def _check_host(toml: Toml, host: str) -> None:
    problem = host_problem(host.lower())
    if problem:
        hint = "write the public name of the host alone, such as `hooks.shop.example`"
        raise toml.error(("webhook", "hosts"), f"`{host}` may not be called: {problem}", hint)


def _check_place(toml: Toml, place: str) -> None:
    if not _PLACE.fullmatch(place):
        hint = "write the name or number of a machine with a port, such as `localhost:8443`"
        raise toml.error(("webhook", "allow_private"), f"`{place}` is not the place of a program", hint)


def _check_addresses(toml: Toml, email: Mapping[str, Any]) -> None:
    for key, example in (("from", "Shop <hello@shop.example>"), ("reply_to", "care@shop.example")):
        address = email.get(key, "")
        if address and not ADDRESS.fullmatch(address) and not NAMED_ADDRESS.fullmatch(address):
            hint = f"write one address, such as `{example}`"
            raise toml.error(("email", key), f"`{address}` is not an e-mail address", hint)
    address = email.get("unsubscribe_to", "")
    if address and not ADDRESS.fullmatch(address):
        hint = "write one address, such as `leave@shop.example`"
        raise toml.error(("email", "unsubscribe_to"), f"`{address}` is not an e-mail address", hint)


def _check_public_url(toml: Toml, web: Mapping[str, Any]) -> None:
    url = web.get("public_url", "")
    parts = urlsplit(url)
    if url and (parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment):
        hint = 'write `public_url = "https://conductor.shop.example"`'
        raise toml.error(("web", "public_url"), f"`{url}` is not the beginning of a web address", hint)
    if web.get("listen") and not url:
        hint = "add `public_url`: the address by which providers and people reach `listen`"
        raise toml.error(("web", "listen"), "nobody knows by which address to call", hint)


def _check_list(toml: Toml, name: str, rule: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> None:
    """What a list wants of those who join can be asked of them."""
    path, double = ("lists", name), rule.get("double", "")
    if "for" not in rule:
        raise toml.error(path, f"the list `{name}` does not say what it is for", 'add `for = "what people agree to"`')
    if double not in ("", "sms", "email"):
        hint = 'write `double = "sms"` or `double = "email"`'
        raise toml.error((*path, "double"), f"nobody is asked once more by `{double}`", hint)
    if double == "sms" and rule.get("code", next(iter(tables.get("codes", {})), None)) not in tables.get("codes", {}):
        hint = "name one under [codes]"
        raise toml.error(path, f"the list `{name}` asks by a text, and there is no such code", hint)
    if double == "email" and not ("confirm" in rule and "subject" in rule and CONFIRM_URL in rule["confirm"]):
        hint = "add `subject`, and a `confirm` with the link: `{{ confirm_url }}`"
        raise toml.error(path, f"the list `{name}` asks by e-mail, and does not say how", hint)
    if double == "email" and not tables.get("web", {}).get("public_url"):
        hint = "add `[web]` with `listen` and `public_url`"
        raise toml.error(path, f"nobody could confirm `{name}`: there is no address for the link", hint)
    if rule.get("min_age", 0) and not rule.get("birth"):
        hint = 'add `birth = "birthday"`, a field with a date'
        raise toml.error(path, f"the list `{name}` has a `min_age`, and no field that tells the age", hint)
    for key in ("confirm", "subject"):
        _check_frame(toml, (*path, key), rule.get(key, ""), CONFIRM_URL)


def _check_revokes(toml: Toml, code: str, revokes: str) -> None:
    if revokes not in REVOKES:
        hint = did_you_mean(revokes, REVOKES) or "there are `texts`, `code` and `everything`"
        raise toml.error(("codes", code, "revokes"), f"a STOP to `{code}` cannot end `{revokes}`", hint)


def _check_frame(toml: Toml, path: tuple[str, ...], text: str, *others: str) -> None:
    """What stands round every text, and an answer, must not depend on who gets it, nor fail for anybody."""
    reading = read_plain(text)
    read = [] if reading is None else [use.path for use in reading.variables]
    if reading is None or not set(read).issubset((*FRAME_VARIABLES, *others)):
        there_are = ", ".join(f"`{{{{ {name} }}}}`" for name in FRAME_VARIABLES)
        message = f"the `{path[-1]}` of texts reads more than what is the same for everybody"
        raise toml.error(path, message, f"it may read {there_are}")
