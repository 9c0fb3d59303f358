"""From what the language knows to the nouns of the protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from lsprotocol import types
from pygls.workspace import PositionCodec

from conductor_dsl.editor.find_declaration import find_declaration
from conductor_dsl.editor.nouns import OpenScript, Suggestion, Symbol, WordKind
from conductor_dsl.editor.suggest import suggest
from conductor_dsl.language.diagnostics import Diagnostic, Severity
from conductor_dsl.language.source import Source, Span
from conductor_dsl.lsp.places import to_offset, to_range

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_KINDS: Mapping[WordKind, types.CompletionItemKind] = MappingProxyType(
    {
        WordKind.ITEM: types.CompletionItemKind.Keyword,
        WordKind.STEP: types.CompletionItemKind.Function,
        WordKind.OPTION: types.CompletionItemKind.Keyword,
        WordKind.SETTING: types.CompletionItemKind.Property,
        WordKind.CONDITION: types.CompletionItemKind.Operator,
        WordKind.FIELD: types.CompletionItemKind.Field,
        WordKind.SEGMENT: types.CompletionItemKind.Variable,
        WordKind.EVENT: types.CompletionItemKind.Event,
        WordKind.NAME: types.CompletionItemKind.Value,
    }
)
_SYMBOLS: Mapping[WordKind, types.SymbolKind] = MappingProxyType(
    {
        WordKind.ITEM: types.SymbolKind.Class,
        WordKind.STEP: types.SymbolKind.Function,
        WordKind.FIELD: types.SymbolKind.Field,
        WordKind.SEGMENT: types.SymbolKind.Variable,
        WordKind.EVENT: types.SymbolKind.Event,
        WordKind.NAME: types.SymbolKind.Method,
    }
)
_NEAREST = re.compile(r"did you mean `([^`]+)`\?")


def to_diagnostics(script: OpenScript, codec: PositionCodec) -> list[types.Diagnostic]:
    """Every finding of a script."""
    return [to_diagnostic(script.source, finding, codec) for finding in script.checked.report.findings]


def to_diagnostic(source: Source, finding: Diagnostic, codec: PositionCodec) -> types.Diagnostic:
    """A finding with its hint; the data say what to write instead, where the hint names it."""
    nearest = _NEAREST.search(finding.hint or "")
    return types.Diagnostic(
        range=to_range(source, finding.span, codec),
        message=finding.message if finding.hint is None else f"{finding.message}\nhint: {finding.hint}",
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        source="conductor",
        data={"instead": nearest[1]} if nearest else None,
    )


def to_completions(script: OpenScript, position: types.Position, codec: PositionCodec) -> list[types.CompletionItem]:
    """The words that may stand at a position, in their order."""
    offset = to_offset(script.source, position, codec)
    start, found = suggest(script, offset)
    place = to_range(script.source, Span(start, offset), codec)
    return [_completion(each, index, place) for index, each in enumerate(found)]


def _completion(suggestion: Suggestion, index: int, place: types.Range) -> types.CompletionItem:
    summary = types.MarkupContent(types.MarkupKind.Markdown, suggestion.summary) if suggestion.summary else None
    return types.CompletionItem(
        label=suggestion.word,
        kind=_KINDS[suggestion.kind],
        detail=suggestion.detail or None,
        documentation=summary,
        sort_text=f"{index:04}",
        filter_text=suggestion.word,
        text_edit=types.TextEdit(place, suggestion.text),
    )


def to_location(script: OpenScript, position: types.Position, codec: PositionCodec) -> types.Location | None:
    """Where what stands at a position is declared."""
    place = find_declaration(script, to_offset(script.source, position, codec))
    if place is None:
        return None
    nothing = types.Range(types.Position(0, 0), types.Position(0, 0))
    where = to_range(place.source, place.span, codec) if place.source else nothing
    return types.Location(Path(place.path).resolve().as_uri(), where)


def to_symbol(source: Source, symbol: Symbol, codec: PositionCodec) -> types.DocumentSymbol:
    """Something of an outline, with what it holds."""
    return types.DocumentSymbol(
        name=symbol.name or "(no name)",
        kind=_SYMBOLS[symbol.kind],
        range=to_range(source, symbol.span, codec),
        selection_range=to_range(source, symbol.name_span, codec),
        children=[to_symbol(source, inner, codec) for inner in symbol.inner],
    )


def to_actions(uri: str, diagnostics: list[types.Diagnostic]) -> Iterator[types.CodeAction]:
    """For each finding that names what was probably meant, an action that writes it."""
    for diagnostic in diagnostics:
        data = diagnostic.data
        instead = data.get("instead") if isinstance(data, dict) else getattr(data, "instead", None)
        if instead:
            yield types.CodeAction(
                title=f"write `{instead}`",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                edit=types.WorkspaceEdit(changes={uri: [types.TextEdit(diagnostic.range, instead)]}),
                is_preferred=True,
            )
