"""`conductor lsp`: what an editor starts."""

from __future__ import annotations

import click

from conductor_dsl.shared.errors import ConductorError


@click.command("lsp")
def command() -> None:
    """Answer an editor over standard input and output, by the Language Server Protocol.

    Editors start it themselves; `grammar/vscode` of the repository is an extension for VS Code.
    """
    try:
        from conductor_dsl.lsp.server import make_server  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as problem:
        if problem.name not in ("pygls", "lsprotocol"):
            raise
        hint = "pip install 'conductor-dsl[lsp]'"
        raise ConductorError("the language server needs pygls, which is not installed", hint=hint) from None
    make_server().start_io()
