"""What to say where there is no `conductor.toml`: once, and not for each thing that it would hold."""

from __future__ import annotations


def without_settings(kind: str, name: str) -> tuple[str, str]:
    """The message and the hint for the first `list` or `code` that cannot be known."""
    message = f"the {kind} `{name}` cannot be known: there is no conductor.toml here"
    return message, "move the script into a project's folder; `conductor init DIR` makes one"
