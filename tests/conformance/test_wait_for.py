"""`wait for`: a run goes on when the event comes, or when time is up; no event is ever lost between the two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conductor_dsl.cli.step_table import conversation_table
from conductor_dsl.plugin.channels import Outgoing, Verdict
from conductor_dsl.shared.clock import HOUR, MINUTE
from tests.conformance.shop import Answer, Shop
from tests.conformance.waiting import WAIT, begin, broken_promises, kinds, script


@pytest.fixture(autouse=True)
def promises_are_kept(shop: Shop) -> Iterator[None]:
    """Whatever a test does, the history that it leaves is a good one."""
    yield
    assert broken_promises(shop) == []


def test_who_has_the_event_goes_on_at_once(shop: Shop) -> None:
    begin(shop, WAIT)
    shop.pass_time("1d")
    shop.event("a", "seen")
    shop.run()
    assert (shop.texts(), shop.state("a")) == (["It came"], "completed: came")
    assert kinds(shop) == [("waiting", None), ("came", "seen")]


def test_who_does_not_have_it_goes_on_when_time_is_up(shop: Shop) -> None:
    begin(shop, WAIT)
    shop.pass_time("71h")
    assert shop.state("a") == "active"
    shop.pass_time("1h")
    assert (shop.texts(), shop.state("a")) == (["It did not"], "completed: late")
    assert kinds(shop) == [("waiting", None), ("late", None)]


def test_an_event_after_the_time_changes_nothing(shop: Shop) -> None:
    begin(shop, WAIT)
    shop.pass_time("4d")
    shop.event("a", "seen")
    shop.run()
    assert shop.texts() == ["It did not"]


def test_without_branches_both_go_on_behind_the_wait(shop: Shop) -> None:
    begin(shop, 'wait for seen up to 3d -> end "behind"')
    shop.contact("b")
    shop.event("b", "go")
    shop.event("a", "seen")
    shop.pass_time("4d")
    assert (shop.state("a"), shop.state("b")) == ("completed: behind", "completed: behind")
    assert (kinds(shop)[1][0], kinds(shop, "b")[1][0]) == ("came", "late")


def test_a_branch_that_does_not_end_joins_again(shop: Shop) -> None:
    begin(shop, 'wait for seen up to 3d { sms "It came" -> wait 1h } -> sms "Both" -> end')
    shop.event("a", "seen")
    shop.pass_time("2h")
    assert shop.texts() == ["It came", "Both"]


def test_a_wait_for_an_event_at_the_end_of_a_chain_ends_the_run(shop: Shop) -> None:
    begin(shop, 'if order_count = 0 { wait for seen up to 3d { end "came" } else { end "late" } } -> end')
    shop.event("a", "seen")
    shop.run()
    assert shop.state("a") == "completed: came"


def test_each_of_several_events_will_do_and_the_first_of_a_batch_is_told(shop: Shop) -> None:
    begin(shop, 'wait for order.placed, seen up to 3d { end "came" } else { end "late" }')
    shop.order("a", "1")
    shop.run()
    assert (shop.state("a"), kinds(shop)[-1]) == ("completed: came", ("came", "order.placed"))


def test_a_condition_is_about_the_event_that_is_waited_for(shop: Shop) -> None:
    begin(shop, 'wait for order.placed where event.total > 50 up to 3d { end "came" } else { end "late" }')
    shop.order("a", "1", total=20)
    shop.run()
    assert shop.state("a") == "active"
    shop.order("a", "2", total=51)
    shop.run()
    assert shop.state("a") == "completed: came"


def test_a_condition_may_be_about_the_contact_too(shop: Shop) -> None:
    body = 'wait for seen where event.page = "/sale" and tier = "Gold" up to 3d { end "came" } else { end "late" }'
    begin(shop, body)
    shop.event("a", "seen", "1", page="/sale")
    shop.change("a", fields='{"tier": "Gold"}')
    shop.event("a", "seen", "2", page="/home")
    shop.run()
    assert shop.state("a") == "active"
    shop.event("a", "seen", "3", page="/sale")
    shop.run()
    assert shop.state("a") == "completed: came"


def test_the_event_that_let_in_does_not_end_the_wait(shop: Shop) -> None:
    shop.publish(script('wait for seen up to 3d { end "came" } else { end "late" }').replace("on go", "on seen"))
    shop.contact("a")
    shop.event("a", "seen")
    shop.pass_time("1h")
    assert shop.state("a") == "active"
    shop.event("a", "seen", "2")
    shop.run()
    assert shop.state("a") == "completed: came"


def test_what_the_conversation_does_itself_ends_no_wait_of_its_own(shop: Shop) -> None:
    wait = 'wait for changed up to 3d { end "came" } else { end "late" }'
    begin(shop, 'wait 1h -> set tier = "Gold" -> wait 1h -> set tier = "Blue" -> ' + wait)
    shop.pass_time("3h")
    assert shop.state("a") == "active"
    shop.contact("a", tier="Silver")
    shop.run()
    assert shop.state("a") == "completed: came"


# Events before the wait


def test_an_event_between_the_message_and_the_wait_counts(shop: Shop) -> None:
    begin(shop, 'sms "Look" -> wait 1d -> wait for seen up to 3d { end "came" } else { end "late" }')
    shop.event("a", "seen")
    shop.pass_time("1d")
    assert (shop.state("a"), kinds(shop)[-1]) == ("completed: came", ("came", "seen"))


def test_an_order_between_the_message_and_the_wait_counts_if_it_is_one_that_is_waited_for(shop: Shop) -> None:
    body = 'sms "Look" -> wait 1d -> wait for order.placed where event.total > 50 up to 3d { end "came" } else { end }'
    begin(shop, body)
    for key in ("b", "c"):
        shop.contact(key)
        shop.event(key, "go")
    shop.pass_time("1m")
    shop.order("a", "1", total=50.5)
    shop.order("b", "1", total=20)
    shop.pass_time("25h")
    assert [shop.state(key) for key in "abc"] == ["completed: came", "active", "active"]


def test_an_event_from_before_the_message_does_not_count(shop: Shop) -> None:
    begin(shop, 'wait 1h -> sms "Look" -> wait for seen up to 3d { end "came" } else { end "late" }')
    shop.event("a", "seen")
    shop.pass_time("2h")
    assert shop.state("a") == "active"


def test_an_event_that_is_told_late_counts_by_when_it_happened(shop: Shop) -> None:
    begin(shop, 'wait 1h -> sms "Look" -> wait for seen up to 3d { end "came" } else { end "late" }')
    shop.pass_time("2h")
    shop.event("a", "seen", "1", at=shop.now - 3 * HOUR)
    shop.run()
    assert shop.state("a") == "active"
    shop.event("a", "seen", "2", at=shop.now - 30 * MINUTE)
    shop.run()
    assert shop.state("a") == "completed: came"


def test_one_event_ends_one_wait(shop: Shop) -> None:
    begin(shop, 'wait for seen up to 3d { sms "1" } -> wait for seen up to 3d { sms "2" } else { sms "no 2" } -> end')
    shop.event("a", "seen")
    shop.pass_time("1h")
    assert (shop.texts(), shop.state("a")) == (["1"], "active")
    shop.event("a", "seen", "2")
    shop.run()
    assert shop.texts() == ["1", "2"]


def test_one_event_ends_one_wait_even_where_nothing_lies_between(shop: Shop) -> None:
    begin(shop, 'sms "Look" -> wait for seen up to 3d -> wait for seen up to 3d { end "twice" } else { end "once" }')
    shop.event("a", "seen")
    shop.pass_time("1h")
    assert shop.state("a") == "active"
    shop.pass_time("4d")
    assert shop.state("a") == "completed: once"


def test_an_event_of_another_name_ends_the_next_wait_though_it_came_before(shop: Shop) -> None:
    begin(shop, 'sms "Look" -> wait for order.placed up to 3d -> wait for seen up to 3d { end "both" } else { end }')
    shop.event("a", "seen")
    shop.pass_time("1h")
    shop.order("a", "1")
    shop.run()
    assert shop.state("a") == "completed: both"


def test_each_of_several_waits_in_a_row_has_its_own_time(shop: Shop) -> None:
    begin(shop, 'wait for seen up to 1d -> wait for seen up to 1d -> wait for seen up to 1d -> end "late"')
    shop.pass_time("71h")
    assert shop.state("a") == "active"
    shop.pass_time("1h")
    assert (shop.state("a"), [kind for kind, _ in kinds(shop)]) == ("completed: late", ["waiting", "late"] * 3)


def test_a_wait_can_be_gone_back_to(shop: Shop) -> None:
    body = 'wait for seen up to 1d as_is { sms "again" -> goto step:"wait" at most 2 times } else { end "late" } -> end'
    begin(shop, body.replace(" as_is", ""))
    for number in range(4):
        shop.event("a", "seen", str(number))
        shop.pass_time("1h")
    assert (shop.texts(), shop.state("a")) == (["again"] * 3, "completed: end")


# Beside exits, verdicts and edits


def test_an_event_that_ends_the_run_does_not_wake_it(shop: Shop) -> None:
    begin(shop, WAIT, head="exit on seen")
    shop.event("a", "seen")
    shop.run()
    assert (shop.texts(), shop.state("a")) == ([], "exited: exit on seen")


def test_an_exit_ends_a_run_that_waits_for_something_else(shop: Shop) -> None:
    begin(shop, WAIT, head="exit on order.placed")
    shop.order("a", "1")
    shop.event("a", "seen")
    shop.pass_time("4d")
    assert (shop.texts(), shop.state("a")) == ([], "exited: exit on order.placed")


def test_a_restart_ends_the_wait_and_begins_another_in_a_new_run(shop: Shop) -> None:
    begin(shop, WAIT, head="reentry restart")
    shop.pass_time("1h")
    shop.event("a", "go", "2")
    shop.pass_time("1h")
    assert [run.reason for run in shop.runs("a")] == ["restart", None]
    shop.event("a", "seen")
    shop.run()
    assert (shop.texts(), shop.state("a")) == (["It came"], "completed: came")


def test_who_is_woken_goes_on_when_the_verdict_on_the_message_has_come(shop: Shop) -> None:
    """Nothing behind a wait begins while a message is in doubt."""
    shop.sms.can_tell = False

    def answer(out: Outgoing) -> Answer:
        return Verdict.AMBIGUOUS if out.text == "One" else Verdict.ACCEPTED

    shop.sms.answer = answer
    begin(shop, 'sms "One" -> wait for seen up to 3d { sms "Two" -> end } else { sms "Three" -> end }')
    shop.event("a", "seen")
    shop.pass_time("1h")
    assert (shop.state("a"), [out.text for out in shop.sms.attempts]) == ("held", ["One"])
    assert kinds(shop)[-1] == ("came", "seen")


def test_who_is_held_when_time_is_up_may_still_have_the_event(shop: Shop) -> None:
    shop.sms.can_tell = False
    shop.sms.answer = lambda _: Verdict.AMBIGUOUS
    begin(shop, 'sms "One" -> wait for seen up to 3d { end "came" } else { end "late" }')
    shop.pass_time("4d")
    assert shop.state("a") == "held"
    shop.event("a", "seen")
    assert [(run.state, run.due_at, run.awaits) for run in shop.runs("a")] == [("held", None, None)]
    shop.run()
    assert (shop.state("a"), kinds(shop)[-1]) == ("held", ("came", "seen"))


@pytest.mark.parametrize(("in_flight", "state"), [
    ("keep", "completed: came"),
    ("move", "completed: new"),
    ("end", "exited: new version"),
])  # fmt: skip
def test_an_edit_keeps_moves_or_ends_those_who_wait_for_an_event(shop: Shop, in_flight: str, state: str) -> None:
    begin(shop, 'sms "Hi" -> ' + WAIT)
    shop.pass_time("1h")
    shop.publish(
        script('if order_count = 0 { sms "Hi" } -> ' + WAIT.replace('"came"', '"new"'), f"in_flight {in_flight}")
    )
    shop.pass_time("1h")
    shop.event("a", "seen")
    shop.run()
    assert shop.state("a") == state


def test_who_waits_and_is_moved_waits_no_longer_for_it(shop: Shop) -> None:
    begin(shop, WAIT)
    shop.pass_time("1d")
    shop.publish(script('sms "New" -> ' + WAIT, "in_flight move"))
    shop.pass_time("47h")
    assert shop.state("a") == "active"
    shop.pass_time("2h")
    assert shop.state("a") == "completed: late"


def test_every_version_in_use_wakes_its_own(shop: Shop) -> None:
    begin(shop, WAIT)
    shop.publish(script('sms "New" -> ' + WAIT.replace('"came"', '"new"')))
    shop.contact("b")
    shop.event("b", "go")
    shop.pass_time("1h")
    for key in ("a", "b"):
        shop.event(key, "seen")
    shop.run()
    assert (shop.state("a"), shop.state("b")) == ("completed: came", "completed: new")


def test_the_table_of_steps_says_who_waits_for_whom_it_came_and_for_whom_not(shop: Shop) -> None:
    begin(shop, WAIT)
    for key in ("b", "c"):
        shop.contact(key)
        shop.event(key, "go")
    shop.pass_time("1h")
    shop.event("a", "seen")
    shop.pass_time("1h")
    with shop.engine.connect() as connection:
        [loaded] = shop.programs().live
        table = conversation_table(connection, loaded)
    assert "1  what they waited for came: seen" in table
    assert "2  wait for something to happen at `wait`" in table
    shop.pass_time("3d")
    with shop.engine.connect() as connection:
        table = conversation_table(connection, loaded)
    assert "2  waited in vain" in table
    assert "wait for something" not in table
