"""The files of `messages/`: a small front matter between `---` lines, then the template."""

from __future__ import annotations

from pathlib import Path

from conductor_dsl.language.vocabulary import SavedMessage
from conductor_dsl.messages.html_to_text import is_html
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.nearest import did_you_mean

KEYS = ("subject", "preheader", "from", "class", "channel", "status")
CHOICES = {"channel": ("email", "sms"), "status": ("ready", "draft")}
SUFFIXES = (".html", ".txt")
_FENCE = "---"
_LONGEST = 1_000_000


class SavedMessageError(ConductorError):
    """A saved message cannot be read."""


def load_saved_messages(folder: Path) -> dict[str, SavedMessage]:
    """Every saved message of a folder by its name, which is the file's name without its ending.

    A folder that is not there holds none. Raises SavedMessageError for the first file that cannot be read.
    """
    found: dict[str, SavedMessage] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        if path.stem in found:
            earlier = Path(found[path.stem].path).name
            raise SavedMessageError(f"{path}: `{earlier}` has the same name", hint="rename one of the two")
        found[path.stem] = read_saved_message(path.stem, _text(path), path=str(path))
    return found


def read_saved_message(name: str, text: str, *, path: str = "") -> SavedMessage:
    """A saved message from the text of its file; `path` is for errors and tells `.txt` from `.html`.

    The channel is `sms` for plain text without a subject, else `email`, unless the front matter names it.
    Raises SavedMessageError, with the line.
    """
    place = path or name
    lines = text.replace("\r\n", "\n").split("\n")
    given, start = _front_matter(place, lines)
    body = "\n".join(lines[start:]).strip("\n")
    plain = path.endswith(".txt") or (not path and not is_html(body))
    channel = given.get("channel", "sms" if plain and "subject" not in given else "email")
    status = given.get("status", "ready")
    if channel == "email" and status == "ready" and not given.get("subject"):
        raise SavedMessageError(f"{place}:1: the message has no `subject`", hint=_subject_hint(bool(start)))
    return SavedMessage(
        name=name,
        channel=channel,
        subject=given.get("subject", ""),
        body=body,
        status=status,
        preheader=given.get("preheader", ""),
        sender=given.get("from", ""),
        path=path,
        message_class=given.get("class", ""),
    )


def _subject_hint(has_front_matter: bool) -> str:
    if has_front_matter:
        return "add a line such as `subject: We miss you` between the `---` lines"
    return "begin the file with `---`, a line `subject: We miss you`, and `---`"


def _front_matter(place: str, lines: list[str]) -> tuple[dict[str, str], int]:
    """The keys, and the index of the first line of the body."""
    given: dict[str, str] = {}
    if lines[0].strip() != _FENCE:
        return given, 0
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() == _FENCE:
            return given, number
        if line.strip() and not line.lstrip().startswith("#"):
            key, value = _entry(f"{place}:{number}", line)
            if key in given:
                raise SavedMessageError(f"{place}:{number}: `{key}` is given twice")
            given[key] = value
    raise SavedMessageError(f"{place}:1: the front matter is never closed", hint="end it with a line `---`")


def _entry(place: str, line: str) -> tuple[str, str]:
    key, colon, value = (part.strip() for part in line.partition(":"))
    if not colon:
        raise SavedMessageError(f"{place}: `{line.strip()}` is not `key: value`")
    if key not in KEYS:
        hint = did_you_mean(key, KEYS) or f"the keys are {', '.join(KEYS)}"
        raise SavedMessageError(f"{place}: there is no key `{key}`", hint=hint)
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    choices = CHOICES.get(key, ())
    if choices and value not in choices:
        hint = did_you_mean(value, choices) or f"it is {' or '.join(choices)}"
        raise SavedMessageError(f"{place}: `{value}` is no {key}", hint=hint)
    return key, value


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LONGEST:
            raise SavedMessageError(f"{path}: the file is larger than {_LONGEST:,} bytes")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SavedMessageError(f"{path}:{_line_of(path, error.start)}: the file is not UTF-8 text") from error
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise SavedMessageError(f"{path}: the file cannot be read: {reason}") from error


def _line_of(path: Path, offset: int) -> int:
    return path.read_bytes()[:offset].count(b"\n") + 1
