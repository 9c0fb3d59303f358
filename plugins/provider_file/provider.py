"""Messages as files named by their dispatch keys, in folders named by the first two digits of the key."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from conductor_dsl.api import Outgoing, Receipt, Verdict, header_problem, to_mime

LONGEST_KEY = 200
"""Characters; a file system takes no name that is much longer, and ours are shorter by far."""
SUFFIXES = {"email": ".eml", "sms": ".txt", "webhook": ".http"}


class FileProvider:
    """Writes each message once; a file appears whole or not at all."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self._folder = folder
        self._fsync = fsync

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Write every message; a folder that cannot be written to gives transient receipts."""
        return [self._send_one(message) for message in batch]

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt]:
        """A receipt for every key that has a file."""
        return {key: _accepted(key, path) for key in keys if (path := self._existing(key))}

    def forget(self, keys: Sequence[str]) -> None:
        """Delete the files of messages."""
        for key in keys:
            path = self._existing(key)
            if path:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing to let go of: no file stays open."""

    def _send_one(self, message: Outgoing) -> Receipt:
        try:
            content = _content(message)
        except ValueError as error:
            return Receipt(message.key, Verdict.REJECTED, code="unusable", detail=str(error))
        path = self._path(message.key, SUFFIXES.get(message.channel, ".txt"))
        try:
            if not path.exists():
                self._write(path, content)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            return Receipt(message.key, Verdict.TRANSIENT, code="cannot_write", detail=f"cannot write {path}: {reason}")
        return _accepted(message.key, path)

    def _write(self, path: Path, content: bytes) -> None:
        """Write beside the path, then rename: a crash leaves no half message under the name that counts."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with beside.open("wb") as file:
            file.write(content)
            if self._fsync:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)

    def _path(self, key: str, suffix: str) -> Path:
        return self._folder / key[:2] / f"{key}{suffix}"

    def _existing(self, key: str) -> Path | None:
        if not key.isalnum() or len(key) > LONGEST_KEY:
            return None
        paths = (self._path(key, suffix) for suffix in SUFFIXES.values())
        return next((path for path in paths if path.is_file()), None)


def _accepted(key: str, path: Path) -> Receipt:
    return Receipt(key, Verdict.ACCEPTED, provider_id=path.name)


def _content(message: Outgoing) -> bytes:
    """The bytes of the file, the same on every attempt; ValueError where there can be none."""
    if not message.key.isalnum():
        raise ValueError(f"`{message.key}` is no dispatch key")
    if message.channel == "email":
        return to_mime(message).as_bytes()
    problem = header_problem(message)
    if problem is not None:
        raise ValueError(problem)
    if message.channel == "webhook":
        headers = ["Content-Type: application/json", f"Idempotency-Key: {message.key}"]
        return "\n".join([f"POST {message.to}", *headers, "", message.text]).encode()
    lines = [
        f"To: {message.to}",
        f"From: {message.sender}",
        f"Step: {' '.join(message.step.split())}",
        *(f"Media: {url}" for url in message.media),
        "",
        message.text,
    ]
    return "\n".join(lines).encode()
