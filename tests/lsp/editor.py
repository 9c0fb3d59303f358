"""A real editor's side of the protocol: a client that talks to `conductor lsp` in a process of its own."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import defaultdict
from collections.abc import Coroutine
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self, TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

T = TypeVar("T")
PATIENCE = 60
"""Seconds after which an answer that does not come is a failure."""


class Editor:
    """Opens, types and asks; every call waits for its answer."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._client = LanguageClient("test-editor", "1")
        self._published: defaultdict[str, SimpleQueue[types.PublishDiagnosticsParams]] = defaultdict(SimpleQueue)
        self._versions: dict[str, int] = {}

        self._client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda told: self._published[told.uri].put(told))

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self._client.start_io(sys.executable, "-m", "conductor_dsl", "lsp"))
        parameters = types.InitializeParams(capabilities=types.ClientCapabilities())
        self.capabilities = self.run(self._client.initialize_async(parameters)).capabilities
        self._client.initialized(types.InitializedParams())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._client.shutdown_async(None))
        self._client.exit(None)
        stop: Coroutine[Any, Any, None] = self._client.stop()  # type: ignore[no-untyped-call]  # pygls says no type
        self.run(stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, task: Coroutine[Any, Any, T]) -> T:
        """Wait for what a task gives."""
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(PATIENCE)

    def open(self, path: Path, text: str) -> list[types.Diagnostic]:
        """Open a script; returns what is found in it."""
        uri = path.as_uri()
        self._versions[uri] = 1
        item = types.TextDocumentItem(uri, "cdx", 1, text)
        self._send(self._client.text_document_did_open, types.DidOpenTextDocumentParams(item))
        return self.findings(path)

    def type(self, path: Path, text: str) -> list[types.Diagnostic]:
        """Replace the whole text of an open script; returns what is found in it."""
        uri = path.as_uri()
        self._versions[uri] += 1
        document = types.VersionedTextDocumentIdentifier(version=self._versions[uri], uri=uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self._send(self._client.text_document_did_change, types.DidChangeTextDocumentParams(document, [whole]))
        return self.findings(path)

    def close(self, path: Path) -> list[types.Diagnostic]:
        """Close a script; returns what is shown for it then."""
        document = types.TextDocumentIdentifier(path.as_uri())
        self._send(self._client.text_document_did_close, types.DidCloseTextDocumentParams(document))
        return self.findings(path)

    def findings(self, path: Path) -> list[types.Diagnostic]:
        """What the server tells of a script next."""
        return list(self._published[path.as_uri()].get(timeout=PATIENCE).diagnostics)

    def _send(self, send: Any, params: object) -> None:
        self._loop.call_soon_threadsafe(send, params)

    def ask(self, question: str, parameters: object) -> Any:
        """The answer to a question by its name in the client, such as `hover`."""
        return self.run(getattr(self._client, f"text_document_{question}_async")(parameters))


def place(text: str, needle: str, ahead: int = 0) -> types.Position:
    """The position of the first character of a needle in a text, or so many characters further."""
    offset = text.index(needle) + ahead
    before = text[:offset].split("\n")
    return types.Position(len(before) - 1, len(before[-1].encode("utf-16-le")) // 2)
