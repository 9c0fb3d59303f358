"""Mail servers for tests: a real one (aiosmtpd) with TLS and a login, and one that answers as it is told."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USERNAME, PASSWORD = "conductor", "correct horse"
HOST = "127.0.0.1"
PATIENCE = 60


class Certificates:
    """An authority, and the certificate of a server at HOST."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._server = self._authority.issue_cert(HOST)
        self.ca_file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.ca_file)

    def context(self) -> Any:
        """What a server encrypts with."""
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.configure_cert(context)
        return context


class Mailbox:
    """What a server does with mail: it keeps it, or answers as `answers` says for an address."""

    def __init__(self, password: str = PASSWORD) -> None:
        self._login = LoginPassword(USERNAME.encode(), password.encode())
        self.envelopes: list[Any] = []
        self.logins: list[str] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802  (aiosmtpd calls it so)
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Answer RCPT."""
        answer = self.answers.get(address, "250 2.1.5 fine")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a message."""
        self.envelopes.append(envelope)
        return f"250 2.0.0 Ok: queued as Q{len(self.envelopes)}"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Whether a login is right."""
        right = isinstance(data, LoginPassword) and data == self._login
        if right:
            self.logins.append(mechanism)
        return AuthResult(success=right, handled=False)

    def mails(self) -> list[EmailMessage]:
        """What has arrived, as a mail program reads it."""
        read: list[Any] = [message_from_bytes(each.content, policy=SMTPUTF8) for each in self.envelopes]
        return read


class _Server(Controller):
    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(mailbox: Mailbox, **how: Any) -> Iterator[int]:
    """A server in another thread that wants a login; its port. `how` is what aiosmtpd takes."""
    login = {"authenticator": mailbox.authenticate, "auth_required": True}
    told: dict[str, Any] = login | how
    server = _Server(mailbox, HOST, 0, **told)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


Answer = Callable[[int, str], str | None]
"""The answer to a command (`greeting`, `MAIL`, `.` ...) on a connection, by its number; None hangs up, HANG says
nothing at all."""
HANG = "hang"
_USUAL = {"greeting": "220 puppet", "EHLO": "250 puppet", "DATA": "354 go on", "QUIT": "221 bye"}


def usual(_connection: int, command: str) -> str:
    """What a server says that is content with everything."""
    return _USUAL.get(command, "250 2.0.0 fine")


class Puppet:
    """A server in plain text that answers as it is told, and counts what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.heard: list[tuple[int, str]] = []
        self.over = threading.Event()
        self._listening = socket.create_server((HOST, 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Hang up."""
        self.over.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in self._threads:
            each.join(PATIENCE)

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection, len(self._threads)), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        # A client that hangs up in the middle of a line is no fault of the server.
        with contextlib.suppress(ConnectionError), connection, connection.makefile("rb") as lines:
            command = "greeting"
            while True:
                self.heard.append((number, command))
                answer = self._answer(number, command)
                if answer == HANG:
                    self.over.wait(PATIENCE)
                if answer is None or answer == HANG:
                    return
                connection.sendall(f"{answer}\r\n".encode())
                if command == "QUIT":
                    return
                command = _next(lines, in_data=command == "DATA" and answer.startswith("354"))
                if not command:
                    return


def _next(lines: Any, *, in_data: bool) -> str:
    """The next command, or `.` once a message has ended; empty when nobody is there any more."""
    for line in lines:
        if not in_data:
            return str((line.decode(errors="replace").split() or ["?"])[0].upper())
        if line == b".\r\n":
            return "."
    return ""


@contextmanager
def puppet(answer: Answer) -> Iterator[Puppet]:
    """A server that answers as it is told."""
    server = Puppet(answer)
    try:
        yield server
    finally:
        server.close()
