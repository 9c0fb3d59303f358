"""From a path or a stream to a file that can be read twice, or one clear reason why not."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from conductor_dsl.shared.errors import ImportFileError

CSV, JSONL = "csv", "jsonl"
_FORMATS = {".csv": CSV, ".tsv": CSV, ".jsonl": JSONL, ".ndjson": JSONL}
_LOOKED_AT = 8192
_SIGNATURES = (
    (b"PK\x03\x04", "is a spreadsheet or an archive", "save the sheet as `CSV UTF-8`, or unpack the archive"),
    (b"\x1f\x8b", "is compressed", "unpack it first, or pipe it in: `gunzip -c FILE | conductor import ... -`"),
    (b"\xff\xfe", "is UTF-16 text", "save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text", "save it as UTF-8"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its name for messages, its bytes, how many there are, and `csv` or `jsonl`."""

    name: str
    stream: BinaryIO
    size: int
    format: str


@contextmanager
def open_source(path: Path, format_: str | None = None) -> Iterator[Source]:
    """Open a file for import; its format follows from its name unless it is given.

    A pipe is copied to the disk first, so that it can be checked before anything is imported. Raises ImportFileError.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not an ordinary file"
            raise ImportFileError(f"`{path}` is {kind}", hint="name a .csv or .jsonl file")
        chosen = format_ or _format_of(path)
        with path.open("rb") as stream:
            if stat.S_ISREG(mode):
                yield _checked(Source(str(path), stream, os.fstat(stream.fileno()).st_size, chosen))
                return
            with copied(stream, str(path), chosen) as source:
                yield source
    except FileNotFoundError:
        raise ImportFileError(f"there is no file `{path}`", hint="check the spelling of the path") from None
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise ImportFileError(f"cannot read `{path}`: {reason}") from None


@contextmanager
def copied(stream: BinaryIO, name: str, format_: str) -> Iterator[Source]:
    """A stream that can be read only once, as a temporary file that goes away afterwards; raises ImportFileError."""
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        size = copy.tell()
        copy.seek(0)
        yield _checked(Source(name, copy, size, format_))


def _format_of(path: Path) -> str:
    known = _FORMATS.get(path.suffix.lower())
    if known is None:
        hint = "name it .csv or .jsonl, or say which with `--format`"
        raise ImportFileError(f"cannot tell the format of `{path}` from its name", hint=hint)
    return known


def _checked(source: Source) -> Source:
    """The source, if it looks like text."""
    start = source.stream.read(_LOOKED_AT)
    source.stream.seek(0)
    for signature, what, hint in _SIGNATURES:
        if start.startswith(signature):
            raise ImportFileError(f"`{source.name}` {what}", hint=hint)
    if b"\0" in start:
        raise ImportFileError(f"`{source.name}` is a binary file", hint="import text: .csv or .jsonl, in UTF-8")
    if source.size <= _LOOKED_AT and not start.removeprefix(b"\xef\xbb\xbf").strip():
        raise ImportFileError(f"`{source.name}` is empty")
    return source
