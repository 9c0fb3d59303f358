"""Publishing: versions, and what a new one does to those inside."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conductor_dsl.language.vocabulary import Catalogue, SavedMessage
from conductor_dsl.runtime.publish import Script, publish
from conductor_dsl.shared.clock import DAY
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store import tables as t
from tests.conformance.shop import Shop, catalogue, flows, host


def script(text: str = "Old", head: str = "", steps: str | None = None) -> str:
    chain = steps or f'sms "First" as "Greeting" -> wait 2d -> sms "{text}" as "Text" -> end "{text}"'
    return f'conversation "C" {{ {head} thread "T" when no_order_within 60d check every 1d {{ {chain} }} }}'


def versions(shop: Shop) -> int:
    return len(shop.rows(sa.select(t.version.c.id)))


def test_publishing_again_changes_nothing(shop: Shop) -> None:
    assert shop.publish(script()).new == ("C",)
    again = shop.publish(script())
    assert (again.new, again.unchanged, again.retired, versions(shop)) == ((), ("C",), (), 1)


def test_a_comment_makes_no_new_version(shop: Shop) -> None:
    shop.publish(script())
    assert shop.publish(script() + " # a comment").unchanged == ("C",)


def test_a_changed_message_makes_a_new_version(shop: Shop) -> None:
    chain = 'email saved:"Hello" -> end'
    shop.publish(script(steps=chain))
    changed = SavedMessage("Hello", "email", "Hello", "Another body")
    assert shop.publish(script(steps=chain), saved=[changed]).new == ("C",)
    assert versions(shop) == 2


def test_a_script_without_its_message_publishes_nothing_at_all(shop: Shop) -> None:
    good, known = Script(flows(script(), catalogue())[0], ""), catalogue()
    bad = Script(flows(script(steps='email saved:"Hello" -> end').replace('"C"', '"D"'), known)[0], "")
    with pytest.raises(ConductorError, match="Hello"), shop.engine.begin() as connection:
        publish(connection, [good, bad], Catalogue(), host(), shop.now)
    assert versions(shop) == 0


def test_who_is_inside_stays_in_the_old_version_unless_told_otherwise(shop: Shop) -> None:
    shop.contact("old")
    shop.publish(script("Old"))
    shop.run()
    shop.publish(script("New"))
    shop.contact("new")
    shop.pass_time("3d")
    assert (shop.state("old"), shop.state("new")) == ("completed: Old", "completed: New")
    assert sorted(shop.texts()) == ["First", "First", "New", "Old"]


def test_move_takes_those_inside_over_to_the_steps_of_the_same_name(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("Old"))
    shop.run()
    longer = 'wait 1h -> sms "First" as "Greeting" -> wait 2d -> sms "New" as "Text" -> end "new"'
    shop.publish(script(head="in_flight move", steps=longer))
    shop.pass_time("3d")
    assert (shop.texts(), shop.state("a")) == (["First", "New"], "completed: new")


def test_move_leaves_those_whose_step_is_gone_in_the_old_version(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("Old"))
    shop.run()
    shop.publish(script(head="in_flight move", steps='sms "First" -> wait 2d -> sms "New" as "Other" -> end'))
    shop.pass_time("3d")
    assert shop.state("a") == "completed: Old"


def test_move_sends_a_step_that_has_taken_the_number_of_one_that_was_sent(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("Old"))
    shop.pass_time("1d")
    shop.clock.move_to(shop.now + DAY)
    shop.publish(script(head="in_flight move", steps='sms "New" as "Text" -> end "new"'))
    shop.pass_time("2d")
    assert (shop.texts(), shop.state("a")) == (["First", "New"], "completed: new")


def test_end_ends_the_runs_of_those_inside(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("Old"))
    shop.run()
    shop.publish(script("New", head="in_flight end"))
    assert shop.state("a") == "exited: new version"
    shop.pass_time("3d")
    assert shop.texts() == ["First"]


def test_a_new_version_does_not_let_those_in_again_who_are_in_the_audience(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("Old"))
    shop.pass_time("3d")
    shop.publish(script("New"))
    shop.pass_time("3d")
    assert len(shop.runs("a")) == 1


def test_a_retired_conversation_lets_nobody_in_and_those_inside_go_on(shop: Shop) -> None:
    shop.contact("inside")
    shop.publish(script())
    shop.run()
    assert shop.publish().retired == ("C",)
    shop.contact("late")
    shop.pass_time("3d")
    assert (shop.state("inside"), shop.runs("late")) == ("completed: Old", [])


def test_a_retired_conversation_can_come_back(shop: Shop) -> None:
    shop.publish(script())
    shop.publish()
    assert shop.publish(script()).new == ("C",)
    shop.contact("a")
    shop.pass_time("1d")
    assert len(shop.runs("a")) == 1


def test_the_source_is_kept_with_its_version(shop: Shop) -> None:
    shop.publish(script("One"))
    shop.publish(script("Two"))
    rows = shop.rows(sa.select(t.version.c.number, t.version.c.source).order_by(t.version.c.number))
    assert [tuple(row) for row in rows] == [(1, script("One")), (2, script("Two"))]


def test_a_node_sees_what_is_published_while_it_runs(shop: Shop) -> None:
    shop.contact("a")
    assert shop.run() is None
    shop.publish(script())
    shop.run()
    assert shop.texts() == ["First"]


def test_an_edit_that_leaves_the_trigger_alone_keeps_the_door_open_for_late_events(shop: Shop) -> None:
    script = 'conversation "W" {{ thread "T" on order.placed {{ sms "{}" -> end }} }}'
    shop.contact("a")
    shop.publish(script.format("One"))
    bought = shop.now
    shop.pass_time("1h")
    shop.publish(script.format("Two"))
    shop.order("a", "1", at=bought)
    shop.run()
    assert shop.texts() == ["Two"]
