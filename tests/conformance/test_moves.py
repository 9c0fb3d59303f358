"""`goto`: to another step or thread, for some or for all, and back no more often than the script says."""

from __future__ import annotations

from tests.conformance.shop import Shop

LOOP = """
conversation "C" {{ thread "T" when no_order_within 60d check every 1d {{
  sms "Hello" as "Greeting" -> wait 1d -> goto step:"Greeting" {options} {rest}
}} }}
"""


def test_a_way_back_is_taken_so_often_and_no_more(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(LOOP.format(options="at most 3 times", rest='-> end "enough"'))
    shop.pass_time("10d")
    assert len(shop.texts()) == 4
    assert shop.state("a") == "completed: enough"
    assert [kind for _, kind, _ in shop.history("a")].count("moved") == 3


def test_every_round_sends_a_message_of_its_own(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(LOOP.format(options="at most 2 times", rest="-> end"))
    shop.pass_time("10d")
    assert len({out.key for out in shop.sms.accepted}) == 3
    assert [row.visit for row in shop.intents("a")] == [0, 1, 2]


def test_a_way_back_with_a_condition_is_taken_by_those_who_match(shop: Shop) -> None:
    shop.contact("a")
    shop.contact("b")
    shop.publish(LOOP.format(options="if order_count = 0 at most 3 times", rest="-> end"))
    shop.pass_time("12h")
    shop.order("b", "1")
    shop.pass_time("10d")
    sent = [out.contact for out in shop.sms.accepted]
    assert (sent.count(str(shop.id("a"))), sent.count(str(shop.id("b")))) == (4, 1)


def test_the_count_begins_anew_with_every_run(shop: Shop) -> None:
    shop.contact("a", tier="Gold")
    script = LOOP.format(options="at most 1 times", rest="-> end").replace("no_order_within 60d", 'tier = "Gold"')
    shop.publish("field tier text " + script)
    shop.pass_time("5d")
    for tier in ("Silver", "Gold"):
        shop.change("a", fields=f'{{"tier": "{tier}"}}')
        shop.pass_time("5d")
    assert (len(shop.runs("a")), len(shop.texts())) == (2, 4)


def test_a_thread_can_be_gone_to(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.contact("b")
    shop.publish("""
      conversation "C" {
        thread "T" when no_order_within 60d { when order_count >= 1 else { goto thread:"New" } -> sms "Back" -> end }
        thread "New" { sms "New" -> end "new" }
      }
    """)
    shop.pass_time("1h")
    assert (shop.state("a"), shop.state("b")) == ("completed: end", "completed: new")
    assert sorted(shop.texts()) == ["Back", "New"]


def test_a_step_ahead_can_be_gone_to(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.contact("b")
    shop.publish("""
      conversation "C" { thread "T" when no_order_within 60d {
        goto step:"Last" if order_count = 0 -> sms "Back" -> wait 1d -> email saved:"Hello" as "Last" -> end
      } }
    """)
    shop.run()
    assert (shop.state("a"), shop.state("b")) == ("active", "completed: end")
    assert (len(shop.texts()), len(shop.email.accepted)) == (1, 1)
