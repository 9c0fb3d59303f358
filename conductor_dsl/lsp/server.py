"""`conductor lsp`: the server itself, one function for each thing that an editor may ask."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types
from pygls import uris
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.workspace import PositionCodec

from conductor_dsl import __version__
from conductor_dsl.editor.describe import describe
from conductor_dsl.editor.nouns import OpenScript
from conductor_dsl.editor.rename import check_new_name, renamed_spans
from conductor_dsl.editor.symbols import symbols
from conductor_dsl.language.format import format_source
from conductor_dsl.language.source import Span
from conductor_dsl.lsp import answers
from conductor_dsl.lsp.desk import Desk
from conductor_dsl.lsp.places import to_offset, to_position, to_range
from conductor_dsl.plugin.host import build_host
from conductor_dsl.project.read_script import NotAScriptError
from conductor_dsl.shared.errors import ConductorError

_TRIGGERS = [":", '"', ".", " ", "{", ">"]
"""Signs behind which an editor asks for suggestions by itself."""


class Server(LanguageServer):
    """Answers for the scripts on its desk."""

    def __init__(self) -> None:
        super().__init__("conductor", __version__)
        self.desk = Desk(build_host().vocabulary)

    @property
    def codec(self) -> PositionCodec:
        """How this editor counts columns."""
        return self.workspace.position_codec

    def script(self, uri: str) -> OpenScript | None:
        """All that is known of an open script; None for one that cannot be read."""
        try:
            return self.desk.look_up(_path(uri))
        except ConductorError:
            return None

    def offset(self, script: OpenScript, position: types.Position) -> int:
        """The offset of a position."""
        return to_offset(script.source, position, self.codec)

    def publish(self) -> None:
        """Tell the editor the findings of every open script: what one declares may mend or break another."""
        for path in self.desk.open_paths():
            self._tell(path.as_uri(), self._findings(path))

    def _findings(self, path: Path) -> list[types.Diagnostic]:
        try:
            script = self.desk.look_up(path)
        except ConductorError as problem:
            start = types.Position(0, 0)
            message = f"{problem}\nhint: {problem.hint}" if problem.hint else str(problem)
            return [
                types.Diagnostic(types.Range(start, start), message, types.DiagnosticSeverity.Error, source="conductor")
            ]
        return answers.to_diagnostics(script, self.codec) if script else []

    def _tell(self, uri: str, found: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))

    def refuse(self, uri: str, problem: NotAScriptError) -> None:
        """Tell the editor why a text is no script."""
        source = problem.report.source
        self._tell(uri, [answers.to_diagnostic(source, each, self.codec) for each in problem.report.findings])


def _path(uri: str) -> Path:
    return Path(uris.to_fs_path(uri) or uri.rpartition("/")[2])


def make_server() -> Server:
    """A server that knows every question; `start_io` begins to answer."""
    server = Server()
    _watch(server)
    _answer(server)
    _change(server)
    return server


def _watch(server: Server) -> None:
    """What the editor tells: a script is opened, changed, closed; a file of the project is saved."""

    def put(uri: str) -> None:
        try:
            server.desk.put(_path(uri), server.workspace.get_text_document(uri).source)
        except NotAScriptError as problem:
            server.refuse(uri, problem)
        server.publish()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        put(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        put(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(_params: types.DidSaveTextDocumentParams) -> None:
        server.publish()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.desk.take_away(_path(params.text_document.uri))
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(params.text_document.uri, []))
        server.publish()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def changed_elsewhere(_params: types.DidChangeWatchedFilesParams) -> None:
        server.publish()


def _answer(server: Server) -> None:
    """Questions that change nothing."""

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=_TRIGGERS))
    def completion(params: types.CompletionParams) -> list[types.CompletionItem]:
        script = server.script(params.text_document.uri)
        return answers.to_completions(script, params.position, server.codec) if script else []

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        script = server.script(params.text_document.uri)
        told = describe(script, server.offset(script, params.position)) if script else None
        if script is None or told is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, told[1])
        return types.Hover(content, to_range(script.source, told[0], server.codec))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> types.Location | None:
        script = server.script(params.text_document.uri)
        return answers.to_location(script, params.position, server.codec) if script else None

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outline(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        script = server.script(params.text_document.uri)
        return [answers.to_symbol(script.source, each, server.codec) for each in symbols(script)] if script else []


def _change(server: Server) -> None:
    """Questions whose answer is a change of the text."""

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        script = server.script(params.text_document.uri)
        if script is None:
            return []
        try:
            laid_out = format_source(script.source)
        except ValueError:  # with syntax errors there is no telling what was meant
            return []
        whole = types.Range(types.Position(0, 0), to_position(script.source, len(script.source.text), server.codec))
        return [types.TextEdit(whole, laid_out)] if laid_out != script.source.text else []

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        script = server.script(params.text_document.uri)
        offset = server.offset(script, params.position) if script else 0
        found = renamed_spans(script, offset) if script else None
        if script is None or found is None:
            return None
        span = next(each for each in found[1] if each.start <= offset <= each.end)
        return types.PrepareRenamePlaceholder(to_range(script.source, _inner(span), server.codec), found[0])

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        script = server.script(params.text_document.uri)
        offset = server.offset(script, params.position) if script else 0
        found = renamed_spans(script, offset) if script else None
        if script is None or found is None:
            return None
        try:
            check_new_name(script, offset, params.new_name)
        except ConductorError as problem:
            raise JsonRpcInvalidParams(f"{problem}; {problem.hint}") from None
        ranges = (to_range(script.source, _inner(span), server.codec) for span in found[1])
        edits = [types.TextEdit(each, params.new_name) for each in ranges]
        return types.WorkspaceEdit(changes={params.text_document.uri: edits})

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return list(answers.to_actions(params.text_document.uri, list(params.context.diagnostics)))


def _inner(span: Span) -> Span:
    """What stands between the quotes of a text."""
    return Span(span.start + 1, span.end - 1)
