"""A history made by the engine keeps every promise, on both databases; one that was tampered with does not."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.plugin.channels import Verdict
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.store import tables as t
from tests.conformance.shop import Shop, host

SCRIPT = """
conversation "W" {
  reentry always
  exit on order.placed
  thread "T" when no_order_within 60d check every 1d {
    sms "Hello" on_invalid pass -> wait 2d -> email saved:"Hello" -> end
  }
}
"""


def told(shop: Shop) -> Shop:
    """A shop in which much has happened."""
    shop.contact("a")
    shop.contact("b", mobile="12", zone="America/New_York")
    shop.contact("c", zone="Europe/London")
    shop.contact("d")
    shop.publish(SCRIPT)
    shop.sms.answer = lambda out: Verdict.TRANSIENT if out.contact == "1" else Verdict.ACCEPTED
    shop.pass_time("1d")
    shop.order("c", "1")
    shop.consent("d", "email", "unsubscribed")
    shop.pass_time("3d")
    return shop


def test_what_the_engine_has_done_keeps_every_promise(shop: Shop) -> None:
    verification = verify(told(shop).engine, host())
    assert [verdict for verdict in verification.verdicts if verdict.broken] == []
    assert (verification.contacts, verification.runs) == (4, {"completed": 3, "exited": 1})


def test_what_was_tampered_with_does_not(shop: Shop) -> None:
    told(shop).execute(
        sa.update(t.intent).where(t.intent.c.channel == "email").values(created_at=shop.now - 3 * 86_400_000)
    )
    verification = verify(shop.engine, host())
    assert [verdict.promise for verdict in verification.verdicts if verdict.broken] == ["waits are kept"]
