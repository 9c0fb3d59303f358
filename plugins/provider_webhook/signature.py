"""The signature of a call, by the scheme `v1` of Standard Webhooks: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from conductor_dsl.api import Instant

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, as the scheme asks."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with every secret, the newest first, so that receivers can change to it one after the other."""

    secrets: tuple[bytes, ...] = field(repr=False)

    def headers(self, key: str, at: Instant, body: bytes) -> list[tuple[str, str]]:
        """The headers of one attempt; its id is the same for every attempt, its time is not."""
        seconds = str(at // 1_000)
        signed = b".".join((key.encode(), seconds.encode(), body))
        digests = (hmac.digest(secret, signed, "sha256") for secret in self.secrets)
        signatures = " ".join(f"v1,{b64encode(digest).decode()}" for digest in digests)
        return [("webhook-id", key), ("webhook-timestamp", seconds), ("webhook-signature", signatures)]


def read_secrets(text: str) -> tuple[bytes, ...]:
    """The secrets of a text with spaces between; ValueError, which does not tell them, where one cannot be used."""
    return tuple(_read_secret(word) for word in text.split())


def _read_secret(word: str) -> bytes:
    try:
        secret = b64decode(word.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise ValueError("it is not base64") from None
    if not SHORTEST <= len(secret) <= LONGEST:
        raise ValueError(f"it has {len(secret)} bytes, not {SHORTEST} to {LONGEST}")
    return secret
