"""Caps over all conversations: at most so many messages to one contact, however many nodes decide at once."""

from __future__ import annotations

from threading import Thread

from conductor_dsl.shared.rules import Rules
from tests.conformance.shop import Shop
from tests.conformance.test_lanes import conversation

PATIENCE = 0.3
"""Seconds in which a node that is not kept waiting has long decided."""


def cap(shop: Shop, *caps: tuple[str, int, str]) -> None:
    """Let the node of the shop keep to caps."""
    shop.node = shop.new_node(rules=Rules(caps=caps))


def test_a_cap_of_the_project_holds_over_all_conversations(shop: Shop) -> None:
    shop.contact("a")
    cap(shop, ("sms", 2, "7d"))
    shop.publish(*(conversation(name, "") for name in ("One", "Two", "Three")))
    shop.run()
    assert len(shop.texts()) == 2
    assert shop.reasons("a") == ["frequency_cap"]


def test_each_channel_has_its_own_cap_and_the_narrowest_of_several_counts(shop: Shop) -> None:
    shop.contact("a")
    cap(shop, ("sms", 9, "7d"), ("sms", 1, "1d"), ("email", 1, "7d"))
    texts = [conversation(name, "") for name in ("One", "Two")]
    emails = [conversation(name, "", 'email saved:"Hello"') for name in ("Three", "Four")]
    shop.publish(*texts, *emails)
    shop.run()
    assert (len(shop.texts()), len(shop.email.accepted)) == (1, 1)


def test_what_is_transactional_neither_counts_nor_is_capped(shop: Shop) -> None:
    shop.contact("a")
    cap(shop, ("sms", 1, "7d"))
    shop.publish(*(conversation(name, "class transactional") for name in ("One", "Two")), conversation("Sale", ""))
    shop.run()
    assert sorted(shop.texts()) == ["One", "Sale", "Two"]


def test_a_step_that_ignores_caps_ignores_that_of_the_project(shop: Shop) -> None:
    shop.contact("a")
    cap(shop, ("sms", 1, "7d"))
    shop.publish(conversation("One", ""), conversation("Two", "", 'sms "Two" ignore_cap'))
    shop.run()
    assert sorted(shop.texts()) == ["One", "Two"]


def test_two_nodes_that_decide_at_once_do_not_both_find_room_for_one(shop: Shop) -> None:
    shop.contact("a")
    rules = Rules(caps=(("sms", 1, "7d"),))
    thread = 'thread "T" when no_order_within 60d check every 1d {{ wait 1h -> sms "{0}" -> end }}'
    shop.publish(*(f'conversation "{name}" {{ {thread.format(name)} }}' for name in ("One", "Two")))
    shop.run()
    shop.clock.move_to(shop.now + 3_600_000)
    shop.programs()
    other = Thread(target=lambda: shop.new_node(rules=rules).run_due())

    def reached(point: str) -> None:
        if point == "advance.before_commit" and not other.ident:
            other.start()
            other.join(PATIENCE)

    shop.new_node(rules=rules, reached=reached).run_due()
    other.join()
    shop.node = shop.new_node(rules=rules)
    shop.pass_time("1h")
    assert len(shop.texts()) == 1
    assert shop.reasons("a") == ["frequency_cap"]
