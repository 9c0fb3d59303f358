"""What happens inside the engine has the effects of an imported event, once."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Verdict
from conductor_dsl.shared.clock import DAY, HOUR
from conductor_dsl.store import tables as t
from conductor_dsl.store.happenings import add_happenings
from tests.conformance.shop import Shop

FIELDS = "field tier text field points number field vip boolean field work phone "
GOLD = FIELDS + 'conversation "Gold" { thread "T" on order.placed { wait 1h -> set tier = "Gold" -> wait 1d -> end } }'
CHANGED = FIELDS + 'conversation "C" { thread "T" on changed where event.field = "tier" { wait 3d -> end } }'


def happened(shop: Shop, key: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a contact, in order, but for the list that everybody is on."""
    found = sa.select(t.event.c.name, t.event.c.payload).where(t.event.c.contact_id == shop.id(key))
    rows = shop.rows(found.order_by(t.event.c.at, t.event.c.key))
    return [(row.name, payload) for row in rows if (payload := json.loads(row.payload)).get("list") != "sms"]


def waiting(shop: Shop) -> int:
    """How many happenings wait for their effect."""
    return len(shop.rows(sa.select(t.happening)))


def tell(shop: Shop, key: str, name: str, number: str = "1", *, by: int | None = None) -> None:
    """Let something happen to somebody, as a step or the engine does."""
    words = [sa.literal(each, sa.Text) for each in (name, "{}", f"{name}-{number}")]
    chosen = sa.select(t.contact.c.id, words[0], sa.literal(shop.now, sa.BigInteger), *words[1:])
    with shop.engine.begin() as connection:
        add_happenings(connection, chosen.where(t.contact.c.key == key), by)


def test_a_happening_lets_in_and_ends_runs(shop: Shop) -> None:
    shop.publish(
        'event joined {} conversation "Old" { exit on joined thread "T" on order.placed { wait 9d -> end } }',
        'event joined {} conversation "New" { thread "T" on joined { wait 9d -> end } }',
    )
    shop.contact("a")
    shop.order("a", "1")
    tell(shop, "a", "joined")
    assert [run.reason for run in shop.runs("a")] == [None]
    shop.run()
    assert [(run.state, run.reason) for run in shop.runs("a")] == [("exited", "exit on joined"), ("active", None)]
    assert (happened(shop, "a"), waiting(shop)) == ([("joined", {})], 0)


def test_a_happening_counts_once_however_often_it_is_told(shop: Shop) -> None:
    shop.publish('event joined {} conversation "New" { thread "T" on joined { end } }')
    shop.contact("a")
    for _ in range(2):
        tell(shop, "a", "joined")
        tell(shop, "a", "joined")
        shop.pass_time("1h")
    assert len(shop.runs("a")) == 1


def test_a_node_that_dies_over_happenings_leaves_them_to_the_next(shop: Shop) -> None:
    shop.publish('event joined {} conversation "New" { thread "T" on joined { end } }')
    shop.contact("a")
    tell(shop, "a", "joined")

    def die(point: str) -> None:
        if point == "happenings.before_commit":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.new_node(reached=die).run_due()
    assert (shop.runs("a"), happened(shop, "a"), waiting(shop)) == ([], [], 1)
    shop.pass_time("1h")
    assert (len(shop.runs("a")), waiting(shop)) == (1, 0)


def test_happenings_come_in_batches_and_in_order(shop: Shop) -> None:
    shop.publish(
        'event joined {} event left {} conversation "C" { exit on left thread "T" on joined { wait 1d -> end } }'
    )
    for key in "abc":
        shop.contact(key)
        tell(shop, key, "joined")
    shop.clock.move_to(shop.now + HOUR)
    for key in "abc":
        tell(shop, key, "left")
    shop.new_node(batch=2).run_due()
    assert [shop.state(key) for key in "abc"] == ["exited: exit on left"] * 3


def test_what_a_conversation_does_neither_ends_nor_begins_its_own_runs(shop: Shop) -> None:
    shop.publish(
        'event joined {} conversation "C" { exit on joined thread "T" on order.placed { wait 1d -> end } '
        'thread "U" on joined { end } }'
    )
    shop.contact("a")
    shop.order("a", "1")
    tell(shop, "a", "joined", by=shop.runs("a")[0].conversation_id)
    shop.run()
    assert [(run.state, run.reason) for run in shop.runs("a")] == [("active", None)]
    shop.pass_time("2d")
    tell(shop, "a", "joined", "2", by=shop.runs("a")[0].conversation_id)
    shop.run()
    assert len(shop.runs("a")) == 1


def test_a_field_that_a_step_changes_happens_in_other_conversations(shop: Shop) -> None:
    shop.publish(GOLD, CHANGED)
    shop.contact("a", tier="Silver")
    shop.contact("b", tier="Gold")
    for key in ("a", "b"):
        shop.order(key, "1")
    shop.pass_time("2h")
    assert happened(shop, "a") == [("changed", {"field": "tier", "value": "Gold", "before": "Silver"})]
    assert (len(shop.runs("a")), len(shop.runs("b")), happened(shop, "b")) == (2, 1, [])


def test_every_kind_of_field_tells_its_change_as_text(shop: Shop) -> None:
    steps = 'set points = 3 -> set vip = true -> set first_name = "Ada" -> clear tier -> end'
    shop.publish(FIELDS + f'conversation "C" {{ thread "T" on order.placed {{ {steps} }} }}')
    shop.contact("a", tier="Gold", points=2.5)
    shop.order("a", "1")
    shop.run()
    told = [tuple(payload.values()) for _, payload in happened(shop, "a")]
    assert sorted(told, key=str) == [
        ("first_name", "Ada", None),
        ("points", "3", "2.5"),
        ("tier", None, "Gold"),
        ("vip", "true", None),
    ]


def test_an_import_tells_what_it_changes_and_only_that(shop: Shop) -> None:
    shop.publish(CHANGED)
    shop.contact("a", tier="Silver", points=1, vip=True)
    assert happened(shop, "a") == []
    shop.contact("a", tier="Gold", points=1, vip=True, first_name="Ada")
    shop.contact("a", tier="Gold", points=1, vip=True, first_name="Ada")
    assert sorted(payload["field"] for _, payload in happened(shop, "a")) == ["first_name", "tier"]
    assert shop.state("a") == "active"


@pytest.mark.parametrize("field", ["email", "mobile"])
def test_another_address_ends_the_runs_that_write_to_the_old_one(shop: Shop, field: str) -> None:
    texts = 'conversation "Texts" { thread "T" on order.placed { wait 1d -> sms "Hello" -> end } }'
    mails = 'conversation "Mails" { thread "T" on order.placed { wait 1d -> email saved:"Hello" -> end } }'
    shop.publish(texts, mails)
    shop.contact("a")
    shop.order("a", "1")
    shop.contact("a", **{field: {"email": "other@example.com", "mobile": "+17175550199"}[field]})
    first = shop.runs("a")[0].conversation_id
    ended = [run.conversation_id == first for run in shop.runs("a") if run.reason == "address changed"]
    assert ended == [field == "mobile"]
    shop.pass_time("2d")
    assert (len(shop.sms.accepted), len(shop.email.accepted)) == ((0, 1) if field == "mobile" else (1, 0))


def test_a_message_to_the_old_address_does_not_leave(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.publish('conversation "C" { thread "T" on order.placed { sms "Hello" -> end } }')
    shop.contact("a")
    shop.order("a", "1")
    shop.run()
    shop.contact("a", mobile="+17175550199")
    shop.pass_time("1d")
    assert (len(shop.sms.attempts), shop.messages("a")) == (1, [("cancelled", "address_changed")])


def test_a_message_that_comes_back_from_the_old_address_does_not_leave_again(shop: Shop) -> None:
    def answer(_: object) -> Verdict:
        shop.contact("a", mobile="+17175550199")
        return Verdict.TRANSIENT

    shop.sms.answer = answer
    shop.publish('conversation "C" { thread "T" on order.placed { sms "Hello" -> end } }')
    shop.contact("a")
    shop.order("a", "1")
    shop.pass_time("1d")
    assert (len(shop.sms.attempts), shop.messages("a")) == (1, [("cancelled", "address_changed")])


def test_a_first_address_or_a_mended_one_is_no_change(shop: Shop) -> None:
    shop.publish('conversation "C" { thread "T" on order.placed { wait 1d -> sms "Hello" -> end } }')
    shop.contact("a", mobile="12", email=None)
    shop.order("a", "1")
    shop.contact("a", email="A@example.com")
    shop.contact("a", email="a@example.com")
    assert (shop.state("a"), happened(shop, "a")) == ("active", [])
    shop.pass_time("2d")
    assert len(shop.texts()) == 1


def test_an_opt_out_stays_with_the_contact_who_has_another_address(shop: Shop) -> None:
    shop.publish('conversation "C" { thread "T" on order.placed { sms "Hello" -> end } }')
    shop.contact("a")
    shop.consent("a", "sms", "unsubscribed")
    shop.contact("a", mobile="+17175550199", lists=())
    shop.order("a", "1")
    shop.run()
    assert shop.reasons("a") == ["opted_out"]


def test_lists_are_joined_and_left_once(shop: Shop) -> None:
    shop.contact("a", lists=())
    for action in ("subscribed", "subscribed", "unsubscribed", "unsubscribed", "subscribed"):
        shop.consent("a", "News", action)
        shop.clock.move_to(shop.now + DAY)
    assert happened(shop, "a") == [
        ("subscribed", {"list": "News", "first": True}),
        ("unsubscribed", {"list": "News"}),
        ("subscribed", {"list": "News", "first": False}),
    ]


def test_an_opt_out_from_everything_leaves_every_list(shop: Shop) -> None:
    shop.contact("a", lists=("News", "Texts"))
    shop.clock.move_to(shop.now + DAY)
    shop.consent("a", "*", "unsubscribed")
    left = sorted(payload["list"] for name, payload in happened(shop, "a") if name == "unsubscribed")
    assert left == ["*", "News", "Texts"]
