"""A provider that writes down every attempt before it answers, in a file that outlives whoever sends."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict
from conductor_dsl.runtime.verify.nouns import Attempt
from conductor_dsl.shared.clock import Clock

LOST_ANSWERS, TRANSIENT, REJECTED, BROKEN_CALLS = 0.02, 0.01, 0.005, 0.01
"""Shares of messages whose answer gets lost after they were accepted, that are refused for now or for good, and of
calls that break off half-way."""


class Witness:
    """Accepts most messages; which not is decided by a seed, the life of the node and the key.

    The engine never writes its file, and it keeps no count of keys: a message that is sent twice stands there twice.
    Behind every attempt it writes by `whom`, if anybody wants to know. `busy` is the share that is refused for now.
    """

    def __init__(self, path: Path, clock: Clock, seed: str, *, whom: str = "", busy: float = TRANSIENT) -> None:
        self._path, self._clock, self._seed, self._whom = path, clock, seed, whom
        self._busy = busy
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Write down and answer each; now and then the connection breaks in the middle of a batch."""
        breaks = batch and self._share(f"call {batch[0].key}") < BROKEN_CALLS
        receipts = [receipt for out in batch[: len(batch) // 2 if breaks else None] for receipt in self._answer(out)]
        if breaks:
            raise TimeoutError("the connection broke")
        return receipts

    def _answer(self, out: Outgoing) -> list[Receipt]:
        share = self._share(out.key)
        accepted = not LOST_ANSWERS <= share < LOST_ANSWERS + self._busy + REJECTED
        attempt = Attempt(out.key, out.to, _digest(out), self._clock.now(), accepted)
        # One write for each, so that a kill finds the file between two messages of a batch.
        os.write(self._file, json.dumps([*attempt, self._whom]).encode() + b"\n")
        if share < LOST_ANSWERS:
            return []
        if accepted:
            return [Receipt(out.key, Verdict.ACCEPTED, provider_id=out.key[:8])]
        if share < LOST_ANSWERS + self._busy:
            return [Receipt(out.key, Verdict.TRANSIENT, code="busy")]
        return [Receipt(out.key, Verdict.REJECTED, code="unreachable")]

    def _share(self, what: str) -> float:
        return crc32(f"{self._seed} {what}".encode()) / 2**32

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """The truth about earlier messages."""
        log = read_log(self._path, frozenset(keys))
        accepted = (key for key in keys if any(attempt.accepted for attempt in log.get(key, ())))
        return {key: Receipt(key, Verdict.ACCEPTED, provider_id=key[:8]) for key in accepted}

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read_log(path: Path, only: frozenset[str] | None = None) -> dict[str, list[Attempt]]:
    """What the provider was asked to send, by key; of all keys or only of some."""
    found: dict[str, list[Attempt]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            # The key stands first; to look before reading makes a look-up in a long file bearable.
            if only is not None and line[2 : line.index('"', 2)] not in only:
                continue
            attempt = Attempt(*json.loads(line)[:-1])
            found[attempt.key].append(attempt)
    return found


def _digest(out: Outgoing) -> str:
    """A name for the bytes; how long they are valid is told anew in every attempt."""
    parts = (out.to, out.sender, out.subject, out.text, out.html, sorted(out.headers.items()))
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()
