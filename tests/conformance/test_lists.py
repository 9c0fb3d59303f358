"""What a step says of lists is said in the ledger, with its proof, and counts as what anybody says."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Verdict
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.store import tables as t
from tests.conformance.shop import Shop, host

YES = "Yes, text me. Reply STOP to opt out."


def publish(shop: Shop, steps: str, rest: str = "") -> None:
    """A conversation that begins with a sign-up."""
    shop.publish(f'event signup {{ source text }} conversation "Join" {{ thread "T" on signup {{ {steps} }} }} {rest}')


def ledger(shop: Shop, key: str = "a") -> list[tuple[Any, ...]]:
    """What the ledger says of a contact beside its first words: (list, action, when after the start)."""
    words = sa.select(t.consent).where(t.consent.c.contact_id == shop.id(key), t.consent.c.source != "")
    return [(row.list, row.action) for row in shop.rows(words.order_by(t.consent.c.at))]


def test_a_yes_is_kept_with_its_words_its_proof_and_its_source(shop: Shop) -> None:
    shop.contact("a", lists=())
    publish(shop, f'subscribe list:"Texts" text "{YES}" -> sms "Welcome" list list:"Texts" -> end')
    shop.event("a", "signup", source="checkout")
    shop.run()
    [word] = shop.rows(sa.select(t.consent))
    assert (word.list, word.action, word.source) == ("Texts", "subscribed", "conversation Join, step subscribe")
    assert (word.shown_text, json.loads(word.proof), word.at) == (YES, {"source": "checkout"}, shop.now)
    assert shop.texts() == ["Welcome"]
    assert shop.history("a") == [("subscribe", "enlisted", "subscribed Texts")]


def test_a_stop_after_the_event_is_the_last_word(shop: Shop) -> None:
    """Otherwise a slow conversation would write to somebody who has said no."""
    shop.contact("a")
    publish(shop, f'wait 3d -> subscribe list:"sms" text "{YES}" -> sms "Welcome" -> end')
    shop.event("a", "signup")
    shop.pass_time("1d")
    shop.consent("a", "sms", "unsubscribed")
    shop.pass_time("3d")
    assert (shop.texts(), shop.reasons("a")) == ([], ["opted_out"])


def test_a_yes_after_a_stop_counts(shop: Shop) -> None:
    shop.contact("a")
    shop.consent("a", "*", "unsubscribed")
    shop.pass_time("1d")
    publish(shop, f'subscribe list:"Texts" text "{YES}" -> sms "Welcome" list list:"Texts" -> sms "Other" -> end')
    shop.event("a", "signup")
    shop.run()
    assert (shop.texts(), shop.reasons("a")) == (["Welcome"], ["opted_out"])


def test_what_is_so_already_is_not_said_again(shop: Shop) -> None:
    shop.contact("a", lists=("Texts",))
    shop.contact("b", lists=())
    publish(shop, f'subscribe list:"Texts" text "{YES}" -> unsubscribe list:"News" -> unsubscribe list:"News" -> end')
    for key in "ab":
        shop.event(key, "signup")
    shop.run()
    assert ledger(shop, "a") == [("News", "unsubscribed")]
    assert sorted(ledger(shop, "b")) == [("News", "unsubscribed"), ("Texts", "subscribed")]


def test_a_no_calls_back_what_has_not_left_and_nothing_of_anybody_else(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    for key in "ab":
        shop.contact(key)
    publish(
        shop,
        'unsubscribe list:"sms" -> end',
        'conversation "Text" { thread "T" when no_order_within 60d check every 1d { sms "Hello" -> wait 1d -> end } }',
    )
    shop.run()
    shop.event("a", "signup")
    shop.run()
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    shop.pass_time("1h")
    assert (shop.messages("a"), shop.messages("b")) == ([("cancelled", "opted_out")], [("accepted", None)])
    assert [each for each in verify(shop.engine, host()).verdicts if each.broken] == []


def test_a_message_written_in_the_same_pass_is_called_back_and_the_run_goes_on(shop: Shop) -> None:
    shop.contact("a")
    publish(shop, 'sms "Bye" -> unsubscribe list:"sms" -> email saved:"Hello" -> end')
    shop.event("a", "signup")
    shop.run()
    assert (shop.texts(), len(shop.email.accepted), shop.state("a")) == ([], 1, "completed: end")


@pytest.mark.parametrize(
    ("event", "step"),
    [("subscribed", f'subscribe list:"News" text "{YES}"'), ("unsubscribed", 'unsubscribe list:"News"')],
)
def test_joining_and_leaving_happen_to_other_conversations(shop: Shop, event: str, step: str) -> None:
    shop.contact("a", lists=())
    rest = f'conversation "Other" {{ thread "T" on {event} {{ email saved:"Hello" -> end }} }}'
    publish(shop, f"{step} -> wait 1d -> {step} -> end", rest)
    shop.event("a", "signup")
    shop.pass_time("3d")
    assert len(shop.email.accepted) == 1
