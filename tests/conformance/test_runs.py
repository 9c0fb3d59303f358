"""A contact's pass through a conversation: its path, its branches, its end, and that there is one at a time."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conductor_dsl.shared.clock import DAY
from conductor_dsl.store import tables as t
from tests.conformance.shop import Shop

WINBACK = """
when no_order_within 60d check every 1d
-> sms "{{ brand }}: we miss you, {{ first_name | default: 'friend' }}!" on_invalid pass
-> wait 3d
-> email saved:"Winback1"
-> end
"""
TIERS = """
field tier text
field seen text
when no_order_within 60d check every 1d
-> if tier = "Gold" { set seen = "gold" -> wait 1d } else if tier = "Silver" { set seen = "silver" } else { pass }
-> email saved:"Hello"
-> end "joined"
"""


def test_the_winback_sends_a_text_and_three_days_later_an_email(shop: Shop) -> None:
    shop.contact("a", ordered="70d", first_name="Ada")
    shop.publish(WINBACK)
    shop.run()
    assert shop.texts() == ["Shop: we miss you, Ada!"]
    shop.pass_time("71h")
    assert shop.email.attempts == []
    shop.pass_time("1h")
    assert [out.subject for out in shop.email.accepted] == ["We miss you"]
    assert shop.state("a") == "completed: end"


def test_what_is_done_is_not_done_again(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.publish(WINBACK)
    shop.pass_time("4d")
    for node in (shop.new_node(), shop.new_node()):
        node.run_due()
    assert (len(shop.sms.attempts), len(shop.email.attempts)) == (1, 1)


def test_branches_go_their_ways_and_join_again(shop: Shop) -> None:
    for key, tier in (("g", "Gold"), ("s", "Silver"), ("b", "Bronze")):
        shop.contact(key, tier=tier)
    shop.contact("n")
    shop.publish(TIERS.replace("{ pass }", '{ set seen = "other" }'))
    shop.run()
    assert [shop.stored(key)["seen"] for key in "gsbn"] == ["gold", "silver", "other", "other"]
    assert (shop.state("g"), len(shop.email.accepted)) == ("active", 3)
    shop.pass_time("1d")
    assert {shop.state(key) for key in "gsbn"} == {"completed: joined"}
    assert len(shop.email.accepted) == 4


def test_an_if_without_an_else_lets_the_others_go_on(shop: Shop) -> None:
    shop.contact("g", tier="Gold")
    shop.contact("b", tier="Bronze")
    shop.publish('field tier text when no_order_within 60d -> if tier = "Gold" { wait 1d } -> sms "Hello" -> end')
    shop.run()
    assert (shop.state("g"), shop.state("b")) == ("active", "completed: end")


def test_a_gate_lets_out_who_does_not_match_and_says_so(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.contact("b")
    shop.publish('when no_order_within 60d -> when order_count >= 1 -> sms "Hello" -> end')
    shop.run()
    assert (shop.state("a"), shop.state("b")) == ("completed: end", "exited: no match")
    assert len(shop.texts()) == 1


def test_a_gate_with_an_else_sends_the_others_elsewhere(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.contact("b")
    shop.publish('when no_order_within 60d -> when order_count >= 1 else { sms "New?" -> end } -> sms "Back?" -> end')
    shop.run()
    assert sorted(shop.texts()) == ["Back?", "New?"]


def test_a_gate_looks_at_the_contact_as_it_is_when_the_run_comes_there(shop: Shop) -> None:
    shop.contact("a", tier="Bronze")
    shop.publish('field tier text when no_order_within 60d -> wait 1d -> when tier = "Gold" -> sms "Hello" -> end')
    shop.run()
    shop.change("a", fields='{"tier": "Gold"}')
    shop.pass_time("1d")
    assert shop.texts() == ["Hello"]


def test_the_reason_of_the_author_is_kept(shop: Shop) -> None:
    shop.contact("a")
    shop.publish('when no_order_within 60d -> sms "Hello" -> end "greeted"')
    shop.run()
    [run] = shop.runs("a")
    assert (run.state, run.reason, run.ended_at, run.due_at) == ("completed", "greeted", shop.now, None)


def test_a_contact_is_in_two_conversations_at_once(shop: Shop) -> None:
    shop.contact("a")
    thread = 'thread "T" when no_order_within 60d { wait 1d -> sms "Hello" -> end }'
    shop.publish(f'conversation "One" {{ {thread} }}', f'conversation "Two" {{ {thread} }}')
    shop.pass_time("1d")
    assert len(shop.texts()) == 2


def test_the_threads_of_a_conversation_share_one_run(shop: Shop) -> None:
    shop.contact("a")
    threads = (f'thread "{name}" when no_order_within 60d {{ wait 1d -> sms "{name}" -> end }}' for name in "AB")
    shop.publish(f'conversation "C" {{ {" ".join(threads)} }}')
    shop.pass_time("1d")
    assert len(shop.runs("a")) == len(shop.texts()) == 1


def test_a_second_open_run_is_refused_by_the_database(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.publish(WINBACK)
    shop.run()
    row = shop.runs("a")[0]._asdict()
    with pytest.raises(sa.exc.IntegrityError):
        shop.execute(sa.insert(t.run).values(row | {"entry_no": 2}))


def test_every_run_is_open_or_has_ended_for_a_reason(shop: Shop) -> None:
    for number in range(20):
        shop.contact(f"c{number}", ordered="70d", mobile=None if number % 5 == 0 else "+17175550100")
    shop.publish(WINBACK)
    shop.pass_time("1d")
    for number in range(0, 20, 4):
        shop.order(f"c{number}", "back")
    shop.pass_time("5d")
    rows = shop.rows(sa.select(t.run))
    assert len(rows) == 20
    for row in rows:
        ended = row.state in ("completed", "exited")
        assert (row.ended_at is not None) == (row.reason is not None) == ended
        assert (row.due_at is not None) == (row.state == "active")


def test_batches_smaller_than_the_crowd_do_everybody_once(shop: Shop) -> None:
    for number in range(25):
        shop.contact(f"c{number:02}", ordered="70d", zone=["America/New_York", "Europe/London", None][number % 3])
    shop.publish(WINBACK)
    shop.node = shop.new_node(batch=4)
    shop.pass_time("4d")
    assert sorted(int(out.contact) for out in shop.sms.accepted) == sorted(shop.id(f"c{n:02}") for n in range(25))
    assert len({out.key for out in shop.sms.accepted + shop.email.accepted}) == 50


def test_a_backlog_is_worked_off_after_downtime(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.publish(WINBACK)
    shop.run()
    shop.clock.move_to(shop.now + 4 * DAY)  # a day too late
    shop.run()
    assert len(shop.email.accepted) == 1


def test_a_node_that_is_to_stop_begins_nothing(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.publish(WINBACK)
    shop.node.stopping.set()
    assert shop.node.run_due() is None
    assert shop.runs("a") == []


def test_a_closed_node_closes_each_provider_once(shop: Shop) -> None:
    node = shop.new_node()
    both = type(node)(node.engine, node.shelf, {"sms": shop.sms, "email": shop.sms}, node.clock)
    both.close()
    assert shop.sms.closed == 1
