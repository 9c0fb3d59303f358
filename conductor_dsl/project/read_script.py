"""From a file to a source: whatever stands at a path, one clear answer."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO, NoReturn

from conductor_dsl.language.diagnostics import Report, error
from conductor_dsl.language.source import Source, Span
from conductor_dsl.shared.errors import ConductorError

LARGEST_SCRIPT = 1_048_576
TOO_LARGE, NOT_TEXT = "CDX002", "CDX004"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class ScriptError(ConductorError):
    """The script cannot be opened."""


class NotAScriptError(ConductorError):
    """The script was read, but is not a text of a reasonable size; `report` says where and why."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.findings[0].message, hint=report.findings[0].hint)
        self.report = report


def read_script(path: Path) -> Source:
    """The text of a script, with plain line ends and without a byte order mark.

    Raises ScriptError for what is no readable file, and NotAScriptError for a file that is no script: more than 1 MiB
    (which is not read further), binary, or not UTF-8.
    """
    return bytes_to_source(str(path), read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """The first 1 MiB of a regular file and one byte more; raises ScriptError for anything else."""
    try:
        _refuse_others(path, path.stat().st_mode)
        with path.open("rb") as file:
            return read_stream(file)
    except FileNotFoundError:
        raise ScriptError(f"there is no file `{path}`", hint="check the spelling of the path") from None
    except PermissionError:
        raise ScriptError(f"you may not read `{path}`", hint=f"`ls -l {path}` shows who may") from None
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else None
        raise ScriptError(f"cannot read `{path}`: {(reason or 'not a path').lower()}") from None


def read_stream(stream: BinaryIO) -> bytes:
    """As much of a stream as a script may have, and one byte more, which tells that it is too large."""
    return stream.read(LARGEST_SCRIPT + 1)


def bytes_to_source(name: str, data: bytes) -> Source:
    """The bytes of a script as a source; raises NotAScriptError where they are too many, binary or not UTF-8."""
    if len(data) > LARGEST_SCRIPT:
        _fail(
            name, "", TOO_LARGE, "the script is larger than 1 MiB", "split it; one file for each conversation is usual"
        )
    if data.startswith(_UTF_16):
        _fail(name, "", NOT_TEXT, "the script is UTF-16 text", "save the file as UTF-8")
    if b"\0" in data:
        _fail(name, "", NOT_TEXT, "the script is a binary file", "a script is plain text, written with a text editor")
    try:
        return Source(name, _with_plain_line_ends(data.decode("utf-8-sig")))
    except UnicodeDecodeError as problem:
        before = _with_plain_line_ends(problem.object[: problem.start].decode("utf-8-sig", errors="replace"))
        message = f"the byte `0x{problem.object[problem.start]:02X}` is not UTF-8 text"
        _fail(name, before, NOT_TEXT, message, "save the file as UTF-8")


def _fail(name: str, before: str, code: str, message: str, hint: str) -> NoReturn:
    """Stop with one finding behind the text `before`."""
    source = Source(name, before)
    raise NotAScriptError(Report(source, (error(code, Span(len(before), len(before)), message, hint),)))


def _refuse_others(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise ScriptError(
            f"`{path}` is a folder, not a script", hint=f"name a file in it, such as `{path}{os.sep}winback.cdx`"
        )
    if not stat.S_ISREG(mode):
        raise ScriptError(f"`{path}` is not an ordinary file", hint="use `-` to read a script from standard input")


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
