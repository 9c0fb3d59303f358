"""A conversation lets its contacts into another one, as the other one's rule says."""

from __future__ import annotations

import pytest

from tests.conformance.shop import Shop

EVENTS = "event signup { source text } event again { }\n"


def publish(
    shop: Shop, step: str, head: str = "", other: str = 'thread "First" { sms "First" -> wait 9d -> end }'
) -> None:
    shop.publish(
        f'{EVENTS} conversation "One" {{ reentry always thread "T" on signup {{ {step} -> end }} }} '
        f'conversation "Two" {{ {head} {other} thread "Gold" {{ sms "Gold" -> end }} }}'
    )


def enter(shop: Shop, number: str = "1", keys: str = "a") -> None:
    for key in keys:
        shop.event(key, "signup", number, source="web")
    shop.run()


START = 'start conversation:"Two"'


@pytest.mark.parametrize(("where", "texts"), [("", ["First"]), (' at "Gold"', ["Gold"])])
def test_it_begins_at_the_first_thread_or_at_the_one_named(shop: Shop, where: str, texts: list[str]) -> None:
    shop.contact("a")
    publish(shop, START + where)
    enter(shop)
    assert shop.texts() == texts
    assert ("start", "started", "Two") in shop.history("a")
    assert next(row.state for row in shop.runs("a")) == "completed"


def test_everybody_of_the_batch_goes_and_the_event_goes_along(shop: Shop) -> None:
    for key in "abc":
        shop.contact(key)
    other = 'thread "First" on signup where event.source = "nowhere" { sms "{{ event.source }}" -> end }'
    publish(shop, START, other=other)
    enter(shop, keys="abc")
    assert shop.texts() == ["web"] * 3


def test_who_is_inside_stays_where_it_is(shop: Shop) -> None:
    shop.contact("a")
    publish(shop, START)
    enter(shop)
    shop.pass_time("2d")
    enter(shop, "2")
    assert shop.texts() == ["First"]
    assert [kind for _, kind, _ in shop.history("a") if "start" in kind] == ["started", "not_started"]


@pytest.mark.parametrize(
    ("rule", "count"), [("never", 1), ("after 30d", 1), ("after 1d", 2), ("always", 2), ("restart", 2)]
)
def test_the_rule_of_the_other_conversation_counts(shop: Shop, rule: str, count: int) -> None:
    shop.contact("a")
    publish(shop, START, f"reentry {rule}", 'thread "First" { sms "First" -> end }')
    enter(shop)
    shop.pass_time("3d")
    enter(shop, "2")
    assert len(shop.texts()) == count


def test_a_restart_ends_the_old_run(shop: Shop) -> None:
    shop.contact("a")
    publish(shop, START, "reentry restart")
    enter(shop)
    shop.pass_time("2d")
    enter(shop, "2")
    assert sorted(str(row.reason) for row in shop.runs("a")) == ["None", "end", "end", "restart"]


def test_one_that_has_expired_or_is_gone_takes_nobody(shop: Shop) -> None:
    shop.contact("a")
    publish(shop, f"wait 1d -> {START}")
    enter(shop)
    shop.publish(f'{EVENTS} conversation "Other" {{ thread "T" on signup {{ end }} }}')
    shop.pass_time("2d")
    assert (shop.texts(), shop.state("a")) == ([], "completed: end")


def test_conversations_of_two_files_that_start_each_other_do_not_run_in_circles(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(
        f'{EVENTS} conversation "One" {{ thread "T" on signup {{ sms "One" -> wait 10m -> {START} -> end }} }} '
        'conversation "Two" { thread "T" { sms "Two" -> wait 10m -> start conversation:"One" -> end } }'
    )
    enter(shop)
    shop.pass_time("2h")
    assert shop.texts() == ["One", "Two"]
    assert [kind for _, kind, _ in shop.history("a") if "start" in kind] == ["started", "not_started"]
