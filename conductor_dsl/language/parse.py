"""From text to the AST, with every finding about its syntax: the front door of the language."""

from __future__ import annotations

from dataclasses import replace

from conductor_dsl.language.ast import Comment, File
from conductor_dsl.language.brackets import balanced
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.limits import limit_findings, read_tokens, size_finding, strange_findings, without_strange
from conductor_dsl.language.mistakes import corrected
from conductor_dsl.language.recovery import recovered_tree
from conductor_dsl.language.scan import ScanToken, TokenKind, scan, without_comments
from conductor_dsl.language.source import Source, Span
from conductor_dsl.language.tree_to_ast import tree_to_ast

MOST_FINDINGS = 20


def parse(source: Source) -> tuple[File | None, tuple[Diagnostic, ...]]:
    """The file that a source says, and findings in the order of the text; never raises, whatever the text.

    After a syntax error the file holds what could be read; it is None when a limit is passed, or when nothing could.
    At most 20 findings are reported.
    """
    too_big = size_finding(source.text)
    if too_big:
        return None, (too_big,)
    strange = strange_findings(source.text)
    text = without_strange(source.text)
    tokens = read_tokens(text)
    beyond = limit_findings(tokens)
    if beyond:
        return None, beyond
    if not without_comments(tokens):
        return File((), _comments(source, tokens)), (*strange, _empty())
    file, findings = _read(source, text, tokens)
    found = sorted({*strange, *findings}, key=lambda finding: finding.span)
    return file, tuple(found[:MOST_FINDINGS])


def _read(source: Source, text: str, tokens: tuple[ScanToken, ...]) -> tuple[File | None, tuple[Diagnostic, ...]]:
    correction = corrected(text, tokens)
    balance = balanced(correction.text, correction.tokens)
    # A text that is never closed swallows brackets, so what is said about them then would be wrong.
    brackets = () if correction.lost_text else balance.findings
    if balance.findings and limit_findings(scan(balance.text)):
        return None, (*correction.findings, *brackets)
    tree, errors = recovered_tree(balance.text)
    findings = (*correction.findings, *brackets, *(within(source, finding) for finding in errors))
    if tree is None:
        return None, findings
    file, values = tree_to_ast(tree, _comments(source, correction.tokens))
    return file, (*findings, *values)


def within(source: Source, finding: Diagnostic) -> Diagnostic:
    """The finding; one at a bracket that was added behind the end of the text points at the end."""
    end = len(source.text.rstrip())
    return replace(finding, span=Span(min(finding.span.start, end), min(finding.span.end, end)))


def _comments(source: Source, tokens: tuple[ScanToken, ...]) -> tuple[Comment, ...]:
    comments = (token for token in tokens if token.kind is TokenKind.COMMENT)
    return tuple(Comment(source.excerpt(token.span).rstrip(), token.span) for token in comments)


def _empty() -> Diagnostic:
    hint = 'write one, such as: when no_order_within 60d -> email saved:"Winback" -> end'
    return error("CDX003", Span(0, 0), "the file holds no conversation", hint)
