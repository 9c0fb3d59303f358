"""`conductor.toml` as checked tables: known keys of the right types, secrets taken from the environment."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from conductor_dsl.shared.errors import ConfigError
from conductor_dsl.shared.nearest import did_you_mean

Path = tuple[str, ...]
"""Where a value stands: `("codes", "34567", "classes")`."""

_TEXT, _NUMBER, _PRICE, _TEXTS = "text", "a number", "a price", "a list of texts"
_TYPES: Mapping[str, Callable[[object], bool]] = {
    _TEXT: lambda value: isinstance(value, str),
    _NUMBER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    _PRICE: lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1_000,
    _TEXTS: lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
}
_ANY = "*"


class Either(NamedTuple):
    """What may be written short, as a value of a type, or as a table."""

    type: str
    table: Mapping[str, str]


_SCHEMA: Mapping[str, Mapping[str, Any]] = {
    "brand": dict.fromkeys(("name", "shop_url", "zone", "country", "postal_address", "unsubscribe_url"), _TEXT),
    "database": {"url": _TEXT},
    "lists": {
        _ANY: Either(
            _TEXT, dict.fromkeys(("for", "double", "code", "subject", "confirm", "birth"), _TEXT) | {"min_age": _NUMBER}
        )
    },
    "codes": {
        _ANY: {"classes": _TEXTS, "per_second": _NUMBER}
        | dict.fromkeys(("keyword", "frequency", "stop", "help", "start", "revokes"), _TEXT)
    },
    "pools": {_ANY: {"warn_below": _NUMBER, "notify": _TEXT, "cutoff": _TEXT}},
    "sms": {"provider": _TEXT, "header": _TEXT, "footer": _TEXT, "price": _PRICE, _ANY: None},
    "email": {"provider": _TEXT, "from": _TEXT, "reply_to": _TEXT, "unsubscribe_to": _TEXT, _ANY: None},
    "webhook": {"provider": _TEXT, "hosts": _TEXTS, "allow_private": _TEXTS, _ANY: None},
    "web": {"listen": _TEXT, "public_url": _TEXT},
    "windows": {_ANY: _TEXTS},
    "caps": dict.fromkeys(("sms", "email"), _TEXT),
    "retention": dict.fromkeys(("history", "events"), _TEXT),
    "engine": {"batch": _NUMBER, "spread": _TEXT, "call_seconds": _NUMBER, "call_megabytes": _NUMBER},
}
"""The type of every key; `*` stands for any other key, and None for any type."""
_CHANNELS = ("sms", "email", "webhook")
_CHANNEL: Mapping[str, Any] = {"provider": _TEXT, "from": _TEXT, _ANY: None}
"""What is known of the table of a plugin's channel."""
_SECRET = re.compile(r"(.*_)?(password|token|secret|api_?key)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Toml:
    """The text of a file with the name by which people know it."""

    name: str
    text: str

    def error(self, path: Path, message: str, hint: str | None) -> ConfigError:
        """An error at the line where a key or table stands, as far as that can be told."""
        line = _find_line(self.text, path)
        return ConfigError(f"{self.name}{f':{line}' if line else ''}: {message}", hint=hint)


def toml_to_tables(toml: Toml, environ: Mapping[str, str] | None, *, sends: bool = True) -> dict[str, dict[str, Any]]:
    """The tables of the text; without an environment, values that come from it are left out.

    Who `sends` nothing needs no secret of a provider's: one that is not set is left out. Raises ConfigError with the
    line for bad TOML, unknown keys, wrong types, secrets, and unset variables.
    """
    tables = _parse(toml)
    _check_table(toml, (), tables, {**_SCHEMA, **dict.fromkeys(plugin_channels(tables), _CHANNEL)})
    _refuse_secrets(toml, tables)
    may_lack = () if sends else (*_CHANNELS, *plugin_channels(tables))
    return {name: _resolve(toml, (name,), table, environ, name in may_lack) for name, table in tables.items()}


def plugin_channels(tables: Mapping[str, Any]) -> tuple[str, ...]:
    """The tables that only a plugin can know: any that names a provider."""
    others = ((name, table) for name, table in tables.items() if name not in _SCHEMA)
    return tuple(name for name, table in others if isinstance(table, dict) and "provider" in table)


def _parse(toml: Toml) -> dict[str, Any]:
    try:
        return tomllib.loads(toml.text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
    except RecursionError:
        message = "nested too deeply"
    place = re.search(r" \(at line (\d+), column (\d+)\)", message)
    where = f"{toml.name}:{place[1]}:{place[2]}" if place else toml.name
    reason = message.partition(" (at ")[0]
    raise ConfigError(
        f"{where}: not valid TOML: {reason[:1].lower()}{reason[1:]}",
        hint='a line reads `name = "text"`; texts stand in double quotes',
    )


def _check_table(toml: Toml, path: Path, table: object, schema: Mapping[str, Any]) -> None:
    if not isinstance(table, dict):
        raise toml.error(
            path, f"`{path[-1]}` is a table, not a value", f"write `[{_dotted(path)}]` on a line of its own"
        )
    for key, value in table.items():
        expected = schema.get(key, schema.get(_ANY, KeyError))
        if expected is KeyError:
            raise _unknown(toml, path, key, schema)
        if isinstance(expected, Either):
            expected = expected.table if isinstance(value, dict) and not _variable(value) else expected.type
        if isinstance(expected, Mapping):
            _check_table(toml, (*path, key), value, expected)
        elif expected and not _TYPES[expected](value) and not (expected == _TEXT and _variable(value)):
            raise toml.error((*path, key), f"`{key}` is {expected}, not `{_shown(value)}`", _example(key, expected))


def _unknown(toml: Toml, path: Path, key: str, schema: Mapping[str, Any]) -> ConfigError:
    known = ", ".join(f"`{name}`" for name in schema)
    where = f"key `{key}` in `[{_dotted(path)}]`" if path else f"table or key `{key}`"
    return toml.error((*path, key), f"unknown {where}", did_you_mean(key, schema) or f"there are {known}")


def _refuse_secrets(toml: Toml, tables: Mapping[str, Any]) -> None:
    for path, value in _leaves((), tables):
        if isinstance(value, str) and value and path[0] not in ("lists", "codes") and _SECRET.fullmatch(path[-1]):
            name = "_".join((path[0], path[-1])).upper()
            message = f"`{path[-1]}` is a secret, which does not belong into a file"
            raise toml.error(path, message, f'write `{path[-1]} = {{ env = "{name}" }}` and set that variable')
    url = tables.get("database", {}).get("url")
    if isinstance(url, str) and re.match(r"[^/]+://[^/@]*:[^/@]+@", url):
        message = "`url` holds a password, which does not belong into a file"
        raise toml.error(("database", "url"), message, "set the whole URL in `CONDUCTOR_DATABASE_URL` instead")


def _leaves(path: Path, value: object) -> Iterator[tuple[Path, object]]:
    if isinstance(value, dict) and _variable(value) is None:
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(path, inner)
    else:
        yield path, value


def _resolve(toml: Toml, path: Path, value: Any, environ: Mapping[str, str] | None, may_lack: bool) -> Any:
    """The value with every `{ env = "NAME" }` replaced; without an environment, without these.

    `may_lack` is whether variables that are not set are left out, too.
    """
    name = _variable(value)
    if name is not None:
        if environ is None or (may_lack and name not in environ):
            return None
        if name in environ:
            return environ[name]
        raise toml.error(path, f"the environment variable `{name}` is not set", f"set `{name}` before you start")
    if isinstance(value, list):
        return [_resolve(toml, path, inner, environ, may_lack) for inner in value]
    if not isinstance(value, dict):
        return value
    resolved = {key: _resolve(toml, (*path, key), inner, environ, may_lack) for key, inner in value.items()}
    return {key: inner for key, inner in resolved.items() if inner is not None}


def _variable(value: object) -> str | None:
    is_reference = isinstance(value, dict) and value.keys() == {"env"} and isinstance(value["env"], str)
    return str(value["env"]) if isinstance(value, dict) and is_reference else None


def _find_line(text: str, path: Path) -> int | None:
    """The line on which the key, or at least its table, is written; TOML parsers do not tell."""
    table: Path = ()
    best = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?([^\[\]]+)\]", line):
            table = _split(header[1])
        elif key := re.match(r"\s*([^=#]+?)\s*=", line):
            if path[: len(table) + len(_split(key[1]))] == (*table, *_split(key[1])):
                return number
            continue
        if header and table == path[: len(table)]:
            best = number
    return best


def _split(dotted: str) -> Path:
    """`codes."34567"` in its parts."""
    return tuple(a or b or c for a, b, c in re.findall(r'"([^"]*)"|\'([^\']*)\'|([^.\s"\']+)', dotted))


def _dotted(path: Path) -> str:
    return ".".join(part if re.fullmatch(r"[A-Za-z_][\w-]*", part) else f'"{part}"' for part in path)


def _shown(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)[:40]


def _example(key: str, expected: str) -> str:
    examples = {_TEXT: f'{key} = "..."', _NUMBER: f"{key} = 10000", _TEXTS: f'{key} = ["marketing"]'}
    return f"write `{examples[expected]}`"
