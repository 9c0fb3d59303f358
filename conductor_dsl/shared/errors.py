"""The errors a user may meet; the docstring of a class is its default message."""

from __future__ import annotations


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
