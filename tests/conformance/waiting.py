"""Conversations that wait for an event, for several tests."""

from __future__ import annotations

from conductor_dsl.runtime.verify.verify import verify
from tests.conformance.shop import Shop, host

HEAD = "event go { n number } event seen { page text, n number } field tier text "
WAIT = 'wait for seen up to 3d { sms "It came" -> end "came" } else { sms "It did not" -> end "late" }'


def script(body: str, head: str = "", rest: str = "") -> str:
    return f'{HEAD} conversation "C" {{ {head} thread "T" on go {{ {body} }} {rest} }}'


def begin(shop: Shop, body: str, head: str = "", key: str = "a") -> None:
    """Let a contact in, and run to its first wait."""
    shop.publish(script(body, head))
    shop.contact(key)
    shop.event(key, "go")
    shop.pass_time("1m")


def kinds(shop: Shop, key: str = "a") -> list[tuple[str, str | None]]:
    return [(kind, reason) for _, kind, reason in shop.history(key) if kind != "moved"]


def broken_promises(shop: Shop) -> list[str]:
    """What the history checker says."""
    verification = verify(shop.engine, host())
    return [f"{verdict.promise}: {verdict.examples}" for verdict in verification.verdicts if verdict.broken]
