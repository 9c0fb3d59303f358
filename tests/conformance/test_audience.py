"""Standing audiences: who crosses into them enters, once for each crossing."""

from __future__ import annotations

from tests.conformance.shop import Shop

LAPSED = 'when no_order_within 60d check every 1d -> sms "Hello" -> end'
GOLD = 'field tier text\nwhen tier = "Gold" check every 1d -> sms "Hello" -> end'


def test_everybody_inside_at_the_first_look_enters(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.contact("b", ordered="10d")
    shop.contact("c")
    shop.publish(LAPSED)
    shop.run()
    assert [shop.state("a"), shop.runs("b"), shop.state("c")] == ["completed: end", [], "completed: end"]


def test_a_contact_enters_on_the_day_it_crosses(shop: Shop) -> None:
    shop.contact("a", ordered="55d")
    shop.publish(LAPSED)
    shop.pass_time("4d")
    assert shop.runs("a") == []
    shop.pass_time("1d")
    assert len(shop.runs("a")) == 1


def test_who_stays_inside_does_not_enter_again(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.publish(LAPSED)
    shop.pass_time("30d")
    assert len(shop.runs("a")) == 1
    assert len(shop.texts()) == 1


def test_who_was_outside_in_between_enters_again(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.publish(LAPSED)
    shop.pass_time("2d")
    shop.order("a", "second")
    shop.pass_time("59d")
    assert len(shop.runs("a")) == 1
    shop.pass_time("3d")
    assert len(shop.runs("a")) == 2


def test_a_change_of_the_data_lets_a_contact_in_and_out_and_in(shop: Shop) -> None:
    shop.contact("a", tier="Silver")
    shop.publish(GOLD)
    shop.pass_time("1d")
    assert shop.runs("a") == []
    for tier, runs in (("Gold", 1), ("Silver", 1), ("Gold", 2)):
        shop.change("a", fields=f'{{"tier": "{tier}"}}')
        shop.pass_time("1d")
        assert len(shop.runs("a")) == runs


def test_a_newcomer_enters_with_the_next_look(shop: Shop) -> None:
    shop.publish(GOLD)
    shop.pass_time("2d")
    shop.contact("late", tier="Gold")
    shop.pass_time("1d")
    assert shop.state("late") == "completed: end"


def test_an_audience_of_a_list_follows_the_list(shop: Shop) -> None:
    shop.contact("a", lists=())
    shop.publish('when subscribed list:"News" check every 1d -> email saved:"Hello" -> end')
    shop.pass_time("1d")
    assert shop.runs("a") == []
    shop.consent("a", "News")
    shop.pass_time("1d")
    assert shop.state("a") == "completed: end"


def test_an_audience_of_a_date_field_is_entered_by_the_passing_of_time(shop: Shop) -> None:
    shop.contact("a", joined="2026-02-28")
    shop.contact("b", joined="soon")
    shop.publish('field joined date\nwhen joined before 7d check every 1d -> email saved:"Hello" -> end')
    shop.pass_time("4d")
    assert shop.runs("a") == []
    shop.pass_time("2d")
    assert len(shop.runs("a")) == 1
    assert shop.runs("b") == []


def test_a_look_goes_through_the_contacts_in_batches(shop: Shop) -> None:
    for number in range(7):
        shop.contact(f"c{number}", ordered="70d")
    shop.publish(LAPSED)
    shop.node = shop.new_node(batch=3)
    shop.run()
    assert len(shop.texts()) == 7


def test_the_look_has_its_time_of_day_in_the_zone_of_the_conversation(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.publish(
        'conversation "C" { timezone "America/New_York" '
        'thread "T" when no_order_within 60d check every 1d at 00:30 { email saved:"Hello" -> end } }'
    )
    due = shop.run()
    assert due == shop.now + 13 * 3_600_000 + 1_800_000  # 11:00 in New York now, 00:30 tomorrow


def test_no_text_of_a_script_reaches_the_database_as_sql(shop: Shop) -> None:
    nasty = "x'); DROP TABLE run; --"
    shop.contact("a", tier=nasty)
    shop.contact("b", tier="x")
    shop.publish(f'field tier text\nwhen tier = "{nasty}" -> set tier = "{nasty}\'" -> email saved:"Hello" -> end')
    shop.run()
    assert shop.state("a") == "completed: end"
    assert shop.runs("b") == []
    assert shop.stored("a")["tier"] == nasty + "'"
