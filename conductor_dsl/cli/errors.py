"""The one place where an error becomes words on the screen and an exit code.

0 all is well · 1 findings · 2 misuse, or something the user can put right · 70 a fault of ours · 130 interrupted.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from io import TextIOWrapper

import click
from click.exceptions import NoArgsIsHelpError

from conductor_dsl.cli.screen import wants_colour
from conductor_dsl.language.report.look import printable
from conductor_dsl.shared.errors import ConductorError

MISUSE, FAULT, INTERRUPTED = 2, 70, 130
_OF_THE_MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})


def exit_code(work: Callable[[], object]) -> int:
    """Do the work; say on standard error what went wrong, and return the exit code."""
    _accept_any_character()
    try:
        result = work()
    except ConductorError as error:
        return _tell(str(error), error.hint, MISUSE)
    except click.ClickException as error:
        return _tell_click(error)
    except (click.Abort, KeyboardInterrupt):
        return _tell("interrupted", None, INTERRUPTED)
    except OSError as error:
        return _tell_machine(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody shall meet a traceback
        return _tell(_fault(error), _fault_hint(error), FAULT)
    return result if isinstance(result, int) else 0


def _tell(message: str, hint: str | None, code: int) -> int:
    colour = wants_colour(sys.stderr)
    click.echo(f"{click.style('error', fg='red', bold=True)}: {printable(message)}", err=True, color=colour)
    if hint:
        click.echo(f"{click.style('hint', bold=True)}: {printable(hint)}", err=True, color=colour)
    return code


def _tell_click(error: click.ClickException) -> int:
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return MISUSE
    hint = getattr(error, "hint", None)
    if isinstance(error, click.UsageError) and error.ctx:
        hint = hint or f"`{error.ctx.command_path} --help` shows how to use it"
    return _tell(_clause(error.format_message()), hint, MISUSE)


def _tell_machine(error: OSError) -> int:
    if error.errno not in _OF_THE_MACHINE:
        return _tell(_fault(error), _fault_hint(error), FAULT)
    return _tell((error.strerror or "the disk failed").lower(), "make room, or write somewhere else", MISUSE)


def _clause(message: str) -> str:
    """A sentence of click's as a clause of ours."""
    return (message[:1].lower() + message[1:]).rstrip(".").replace("'", "`")


def _fault(error: Exception) -> str:
    detail = str(error).partition("\n")[0]
    return f"conductor itself failed: {type(error).__name__}" + (f": {detail}" if detail else "")


def _fault_hint(error: Exception) -> str:
    """Write the traceback into a file, and say where."""
    import tempfile  # noqa: PLC0415 - needed by nobody who is lucky
    import traceback  # noqa: PLC0415

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="conductor-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return "this is our mistake; please report it"
    return f"this is our mistake; please report it with the file {file.name}"


def _accept_any_character() -> None:
    """Let a terminal that cannot show a character show its number, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
