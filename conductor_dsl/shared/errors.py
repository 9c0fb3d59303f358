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


class ConversationError(PluginError):
    """A conversation cannot be asked something, by the fault of a plugin."""

    def __init__(self, conversation: str, failure: Exception) -> None:
        message = f"a condition of conversation `{conversation}` failed: {in_a_line(failure)}"
        super().__init__(message, hint="it is tried again in a minute")
        self.conversation = conversation


def in_a_line(failure: BaseException) -> str:
    """What was raised: its kind, and the first line of what it says."""
    told = str(failure).partition("\n")[0]
    return type(failure).__name__ + (f": {told}" if told else "")


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
        message = f"{what} failed: {in_a_line(failure)}"
        raise PluginError(message, hint="`conductor plugins` tells which plugin it comes from") from failure
