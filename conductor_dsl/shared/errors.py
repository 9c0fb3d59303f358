"""The errors a user may meet; the docstring of a class is its default message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class ConductorError(Exception):
    """Something the user can put right.

    `hint` names the remedy. Command lines print `error: MESSAGE` and `hint: HINT`, never a traceback.
    """

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").partition("\n")[0])
        self.hint = hint


class ConfigError(ConductorError):
    """The configuration cannot be used."""


class DatabaseError(ConductorError):
    """The database cannot be used."""


class ImportFileError(ConductorError):
    """The file cannot be imported."""


class PluginError(ConductorError):
    """A plugin cannot be used."""


@contextmanager
def blamed(what: str, *not_for: type[Exception]) -> Iterator[None]:
    """Whatever the code of a plugin raises becomes a PluginError that says what has failed.

    Our own errors stay, and those that are `not_for` the plugin to answer.
    """
    try:
        yield
    except Exception as failure:
        if isinstance(failure, (ConductorError, *not_for)):
            raise
        told = str(failure).partition("\n")[0]
        message = f"{what} failed: {type(failure).__name__}" + (f": {told}" if told else "")
        raise PluginError(message, hint="`conductor plugins` tells which plugin it comes from") from failure
