"""Who may be sent to: addresses, consent, suppression, caps, and the ways of those who may not."""

from __future__ import annotations

import pytest

from conductor_dsl.language.vocabulary import SavedMessage
from conductor_dsl.plugin.channels import Verdict
from conductor_dsl.shared.clock import HOUR
from tests.conformance.shop import Shop

SMS = "when no_order_within 60d -> sms {body} {options} -> end"
EMAIL = 'when no_order_within 60d -> email saved:"Hello" {options} -> end'


def sms(options: str = "", body: str = '"Hello"') -> str:
    return SMS.format(body=body, options=options)


def email(options: str = "") -> str:
    return EMAIL.format(options=options)


def test_a_message_carries_what_the_script_and_the_contact_say(shop: Shop) -> None:
    shop.contact("a", first_name="Ada")
    shop.publish(sms('from code:"34567" as "First"', '"{{ first_name }} at {{ brand }}: {{ shop_url }}"'))
    shop.run()
    [out] = shop.sms.accepted
    assert (out.text, out.to, out.sender) == ("Ada at Shop: https://shop.example", "+17175550100", "34567")
    assert (out.step, out.channel, out.html) == ("First", "sms", "")
    assert len(out) == len(out._fields)


def test_who_never_agreed_to_texts_gets_none(shop: Shop) -> None:
    shop.contact("a", lists=())
    shop.contact("b", lists=("News", "Texts"))
    shop.publish(sms())
    shop.run()
    assert shop.sms.attempts == []
    assert shop.reasons("a") == shop.reasons("b") == ["no_consent"]
    assert shop.state("a") == "completed: end"


def test_the_list_of_the_step_counts_before_that_of_the_conversation(shop: Shop) -> None:
    shop.contact("texts", lists=("Texts",))
    shop.contact("news", lists=("News",))
    head = 'conversation "C" { list list:"News" thread "T" when no_order_within 60d {'
    shop.publish(f'{head} sms "One" -> wait 1d -> sms "Two" list list:"Texts" -> end }} }}')
    shop.pass_time("1d")
    assert [out.text for out in shop.sms.accepted if out.contact == str(shop.id("news"))] == ["One"]
    assert [out.text for out in shop.sms.accepted if out.contact == str(shop.id("texts"))] == ["Two"]


@pytest.mark.parametrize("name", ["sms", "*"])
def test_who_opted_out_gets_no_text(shop: Shop, name: str) -> None:
    shop.contact("a")
    shop.consent("a", name, "unsubscribed")
    shop.publish(sms())
    shop.run()
    assert shop.reasons("a") == ["opted_out"]
    assert shop.sms.attempts == []


def test_an_email_needs_no_opt_in(shop: Shop) -> None:
    shop.contact("a", lists=())
    shop.publish(email())
    shop.run()
    assert [out.to for out in shop.email.accepted] == ["a@example.com"]


@pytest.mark.parametrize("name", ["email", "*"])
def test_an_email_honours_an_opt_out(shop: Shop, name: str) -> None:
    shop.contact("a", lists=())
    shop.consent("a", name, "unsubscribed")
    shop.publish(email())
    shop.run()
    assert shop.reasons("a") == ["opted_out"]
    assert shop.email.attempts == []


def test_who_subscribes_again_gets_messages_again(shop: Shop) -> None:
    shop.contact("a")
    shop.consent("a", "sms", "unsubscribed")
    shop.clock.move_to(shop.now + HOUR)
    shop.consent("a", "sms")
    shop.publish(sms())
    shop.run()
    assert shop.texts() == ["Hello"]


def test_a_suppressed_channel_gets_nothing_and_the_other_one_does(shop: Shop) -> None:
    shop.contact("a")
    shop.suppress("a", "sms")
    shop.publish('when no_order_within 60d -> sms "Hello" -> email saved:"Hello" -> end')
    shop.run()
    assert shop.reasons("a") == ["suppressed"]
    assert (len(shop.sms.attempts), len(shop.email.accepted)) == (0, 1)


def test_a_bad_or_missing_number_is_passed_over_unless_the_script_says_otherwise(shop: Shop) -> None:
    shop.contact("bad", mobile="12")
    shop.contact("none", mobile=None)
    shop.publish('when no_order_within 60d -> sms "Hello" -> email saved:"Hello" -> end')
    shop.run()
    assert (shop.reasons("bad"), shop.reasons("none")) == (["address_invalid"], ["address_missing"])
    assert len(shop.email.accepted) == 2


@pytest.mark.parametrize(("option", "mobile"), [("invalid", "12"), ("missing", None)])
def test_a_bad_or_missing_number_takes_the_way_the_script_gives_it(shop: Shop, option: str, mobile: str | None) -> None:
    shop.contact("bad", mobile=mobile)
    shop.contact("good")
    block = f"on_{option} {{ set told = true -> wait 1d }}"
    shop.publish(f'field told boolean when no_order_within 60d -> sms "Hello" {block} -> email saved:"Hello" -> end')
    shop.run()
    assert [out.to for out in shop.email.accepted] == ["good@example.com"]
    assert (shop.stored("bad"), shop.stored("good")) == ({"told": True}, {})
    shop.pass_time("1d")
    assert shop.state("bad") == "completed: end"
    assert len(shop.email.accepted) == 2


@pytest.mark.parametrize(
    ("option", "changes"),
    [
        ("on_invalid end", {"mobile": "12"}),
        ("on_missing end", {"mobile": None}),
        ("on_unsubscribed end", {"lists": ()}),
    ],
)
def test_end_as_the_way_of_an_outcome_ends_the_run(shop: Shop, option: str, changes: dict[str, object]) -> None:
    shop.contact("a", **changes)  # type: ignore[arg-type]
    shop.publish(f'when no_order_within 60d -> sms "Hello" {option} -> email saved:"Hello" -> end "all"')
    shop.run()
    assert shop.state("a") == "completed: end"
    assert shop.email.attempts == []


def test_a_message_may_go_to_another_field(shop: Shop) -> None:
    shop.contact("good", mobile=None, mobile2="+17175550111")
    shop.contact("bad", mobile2={"invalid": "12"})
    shop.contact("none")
    shop.publish("field mobile2 phone " + sms("to mobile2"))
    shop.run()
    assert [out.to for out in shop.sms.accepted] == ["+17175550111"]
    assert (shop.reasons("bad"), shop.reasons("none")) == (["address_invalid"], ["address_missing"])


def test_a_cap_counts_the_messages_of_every_conversation(shop: Shop) -> None:
    shop.contact("a")
    thread = 'thread "T" when no_order_within 60d { sms "Hello" -> end }'
    shop.publish(*(f'conversation "{name}" {{ cap sms 1 per 7d {thread} }}' for name in ("One", "Two")))
    shop.run()
    assert len(shop.texts()) == 1
    assert shop.reasons("a") == ["frequency_cap"]


def test_a_cap_lets_messages_through_again_after_its_period(shop: Shop) -> None:
    shop.contact("a")
    steps = " -> wait 3d -> ".join(f'sms "{number}"' for number in range(5))
    head = 'cap sms 2 per 7d thread "T" when no_order_within 60d check every 1d'
    shop.publish(f'conversation "C" {{ {head} {{ {steps} -> end }} }}')
    shop.pass_time("15d")
    # Texts are due on the days 0, 3, 6, 9 and 12; two within seven days are enough.
    assert shop.texts() == ["0", "1", "3", "4"]
    assert shop.reasons("a") == ["frequency_cap"]


def test_a_cap_of_texts_does_not_hold_for_emails_nor_for_ignore_cap(shop: Shop) -> None:
    shop.contact("a")
    steps = 'sms "1" -> email saved:"Hello" -> wait 1d -> sms "2" ignore_cap -> wait 1d -> sms "3" -> end'
    shop.publish(
        f'conversation "C" {{ cap sms 1 per 30d thread "T" when no_order_within 60d check every 1d {{ {steps} }} }}'
    )
    shop.pass_time("3d")
    assert shop.texts() == ["1", "2"]
    assert len(shop.email.accepted) == 1


def test_an_html_email_has_a_text_part_and_escapes_what_contacts_say(shop: Shop) -> None:
    shop.contact("a", first_name="<b>Ada</b>")
    shop.publish('when no_order_within 60d -> email saved:"Winback1" -> end')
    shop.run()
    [out] = shop.email.accepted
    assert out.html == "<p>Hi &lt;b&gt;Ada&lt;/b&gt; at Shop</p>"
    assert out.text.strip() == "Hi <b>Ada</b> at Shop"


@pytest.mark.parametrize("name", ["a", "{{ first_name }}"])
def test_the_style_sheet_of_an_email_is_written_into_its_elements(shop: Shop, name: str) -> None:
    shop.contact("a", first_name="a")
    body = f'<html><head><style>.a {{ color: red }}</style></head><body><p class="{name}">Hi</p></body></html>'
    styled = SavedMessage("Styled", "email", "Hi", body, sender="Shop <a@shop.example>")
    shop.publish('when no_order_within 60d -> email saved:"Styled" -> end', saved=(styled,))
    shop.run()
    [out] = shop.email.accepted
    assert '<p class="a" style="color: red;">Hi</p>' in out.html


def test_an_unsubscribe_link_names_the_contact_and_stands_in_the_header(shop: Shop) -> None:
    shop.contact("a b")
    shop.publish('when no_order_within 60d -> email subject "Hi" body "Leave: {{ unsubscribe_url }}" -> end')
    shop.run()
    [out] = shop.email.accepted
    assert out.text == "Leave: https://shop.example/u?a%20b"
    assert out.headers["List-Unsubscribe"] == "<https://shop.example/u?a%20b>"


UNSUBSCRIBE = {"List-ID", "Feedback-ID", "List-Unsubscribe"}


@pytest.mark.parametrize(
    ("head", "option", "list_id"),
    [
        ("", "", "email <email.shop.example>"),
        ("class marketing", 'list list:"News"', "News <news.shop.example>"),
        ('class alert list list:"News"', "", "News <news.shop.example>"),
        ("class transactional", 'list list:"News"', "News <news.shop.example>"),
        ("class transactional", "", None),
        ("class alert", "", None),
    ],
)
def test_marketing_can_be_left_and_the_rest_where_a_list_is_named(
    shop: Shop, head: str, option: str, list_id: str | None
) -> None:
    shop.contact("a", lists=("News",))
    email = f'email subject "Hi" body "Hello" from "Shop <a@shop.example>" {option}'
    shop.publish(f'conversation "C" {{ {head} thread "T" when no_order_within 60d {{ {email} -> end }} }}')
    shop.run()
    [out] = shop.email.accepted
    assert out.headers.get("List-ID") == list_id
    assert UNSUBSCRIBE & set(out.headers) == (UNSUBSCRIBE if list_id else set())
    assert "unsubscribe" not in out.text


def test_a_list_can_be_left_by_mail_too(shop: Shop) -> None:
    shop.contact("a b")
    script = 'when no_order_within 60d -> email subject "Hi" body "Hello" from "Shop <a@shop.example>" -> end'
    shop.publish(script, unsubscribe_to="leave@shop.example")
    shop.run()
    [out] = shop.email.accepted
    by_mail = "<mailto:leave@shop.example?subject=unsubscribe%20a%20b>"
    assert out.headers["List-Unsubscribe"] == f"<https://shop.example/u?a%20b>, {by_mail}"


def test_every_attempt_of_an_email_has_one_date(shop: Shop) -> None:
    shop.contact("a")
    shop.email.answer = lambda _: Verdict.TRANSIENT
    shop.publish('when no_order_within 60d -> email saved:"Hello" -> end')
    shop.run()
    shop.pass_time("10m")
    assert len(shop.email.attempts) > 1
    assert {out.headers["Date"] for out in shop.email.attempts} == {"Mon, 02 Mar 2026 16:00:00 +0000"}


def test_emails_that_leave_together_have_the_dates_of_their_own_decisions(shop: Shop) -> None:
    shop.email.answer = lambda _: Verdict.TRANSIENT
    shop.publish('on order.placed -> email saved:"Hello" -> end')
    for key in ("a", "b", "c"):
        shop.contact(key)
        shop.event(key, "order.placed")
        shop.run()
        shop.clock.move_to(shop.now + 1500)
    shop.email.attempts.clear()
    shop.clock.move_to(shop.now + HOUR)
    shop.run()
    dates = {out.to[0]: out.headers["Date"] for out in shop.email.attempts}
    assert dates == {key: f"Mon, 02 Mar 2026 16:00:0{second} +0000" for key, second in (("a", 0), ("b", 1), ("c", 3))}


def test_a_contact_without_a_value_gets_the_default_of_the_template(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(sms(body="\"Hello {{ first_name | default: 'friend' }}\""))
    shop.run()
    assert shop.texts() == ["Hello friend"]


def test_nasty_values_reach_the_message_as_they_are(shop: Shop) -> None:
    name = "Ada \"'; {{ brand }} \\ %s :x ünïcödé 🎉"
    shop.contact("a", first_name=name)
    shop.publish(sms(body='"{{ first_name }}"'))
    shop.run()
    assert shop.texts() == [name]
