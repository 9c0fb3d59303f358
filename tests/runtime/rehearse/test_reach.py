"""What the lines of a test reach in the engine: every way in, every wait, and what happens on the way."""

from __future__ import annotations

import pytest

from tests.runtime.rehearse.stage_hand import failures

GIVEN = """
  given contact { first_name "Ada", mobile "+17175550100", email "ada@example.com" }
  at 2026-03-02 10:00
"""
CASES = {
    "an event lets its contact in, with its fields": """
        event shop.visited { page text, visits number }
        when order_count >= 9 -> end
        conversation "A" {
          thread "T" on shop.visited where event.visits > 2 { email subject "Hi" body "Saw {{ event.page }}" -> end }
        }
        test "it" { GIVEN
          when shop.visited { page "hats", visits 2 } after 1h
          when shop.visited { page "shoes", visits 3 } after 1d
          expect 1 email contains "Saw shoes" after 1d
          expect entered 1 times in conversation:"A"
        }""",
    "an order lets in, with its items as the products are called": """
        conversation "A" {
          thread "T" on order.placed {
            email subject "Thanks" body "{% for it in event.items %}{{ it.name }} {{ it.price }} {% endfor %}" -> end
          }
        }
        test "it" { GIVEN
          given product { sku "A", name "A hat", price 20 }
          when order.placed { order_id "1", total 20 } items "A", "B" after 1h
          expect email contains "A hat 20" after 1h
        }""",
    "a list that is joined in the test was not joined before": """
        conversation "A" {
          thread "T" on subscribed list:"News" first { email subject "Hi" body "Welcome" list list:"News" -> end }
        }
        test "it" { GIVEN
          when subscribed list:"News" after 1h
          expect email contains "Welcome" after 1h
          expect subscribed list:"News"
        }""",
    "a list that is left lets in": """
        conversation "A" {
          thread "T" on unsubscribed list:"News" { email subject "Sad" body "Bye" list list:"email" -> end }
        }
        test "it" {
          given contact { email "ada@example.com" } subscribed list:"News"
          at 2026-03-02 10:00
          when unsubscribed list:"News" after 1h
          expect email subject "Sad" after 1h
          expect unsubscribed list:"News"
        }""",
    "a field that changes lets in": """
        field tier text
        conversation "A" {
          thread "T" on changed tier to "Gold" { email subject "Gold" body "You are gold" -> end }
        }
        test "it" {
          given contact { email "ada@example.com", tier "Silver" }
          at 2026-03-02 10:00
          when changed tier "Gold" after 2d
          expect email subject "Gold" after 2d
          expect field tier = "Gold"
        }""",
    "a word texted lets in": """
        conversation "A" {
          thread "T" on keyword "SALE" code:"34567" { sms "Here is your offer. Reply STOP to opt out." -> end }
        }
        test "it" { GIVEN
          when keyword "sale!" code:"34567" after 1h
          expect sms contains "your offer" after 1h
        }""",
    "a click ends a wait for it": """
        conversation "A" {
          thread "T" on order.placed {
            email subject "Hi" body "Look" as "Look"
            -> wait for clicked step:"Look" up to 5d { end "clicked" } else { end "late" }
          }
        }
        test "it" { GIVEN
          when order.placed { total 20 }
          when clicked step:"Look" after 2d
          expect waiting after 1d
          expect end "clicked" after 2d
        }""",
    "without a click the wait ends when its time is up": """
        conversation "A" {
          thread "T" on order.placed {
            email subject "Hi" body "Look" as "Look"
            -> wait for clicked step:"Look" up to 5d { end "clicked" } else { end "late" }
          }
        }
        test "it" { GIVEN
          when order.placed { total 20 }
          expect waiting at step:"wait" after 4d
          expect end "late" after 5d
        }""",
    "a click lets in by another thread": """
        conversation "A" {
          thread "T" on order.placed { email subject "Hi" body "Look" as "Look" -> wait 5d -> end }
          thread "Clicked" on clicked step:"Look" { sms "You clicked. Reply STOP to opt out." -> end "clicked" }
        }
        test "it" { GIVEN
          when order.placed { total 20 }
          when clicked step:"Look" after 2h
          expect entered thread:"Clicked" after 2h
          expect sms after 2h
        }""",
    "a weekday is waited for by the clock of the contact": """
        conversation "A" { thread "T" on order.placed { wait until tuesday 10:00 -> sms "Hi! STOP to end" -> end } }
        test "it" {
          given contact { mobile "+17175550100", zone "Asia/Tokyo" }
          at 2026-03-02 10:00
          when order.placed { total 20 }
          expect sms on 2026-03-03 at 10:00
        }""",
    "the clocks go forward during a wait": """
        conversation "A" { thread "T" on order.placed { wait 3d -> sms "Hi! STOP to end" -> end } }
        test "it" {
          given contact { mobile "+17175550100", zone "Europe/Berlin" }
          at 2026-03-28 10:00 in "Europe/Berlin"
          when order.placed { total 20 }
          expect sms after 3d at 10:00
        }""",
    "a split follows the test": """
        conversation "A" {
          thread "T" on order.placed { split "offer" { 1% "small" { end "small" } 99% "big" { end "big" } } }
        }
        test "it" {
          given contact "Ada" { } in group "small" of "offer"
          given contact "Bob" { } in group "big" of "offer"
          at 2026-03-02 10:00
          when order.placed { total 20 } for "Ada"
          when order.placed { total 20 } for "Bob"
          expect end "small" for "Ada"
          expect group "small" of "offer" for "Ada"
          expect end "big" for "Bob"
        }""",
    "only who is held out is held out": """
        conversation "A" { thread "T" on order.placed { holdout 99% -> end "inside" } }
        test "it" {
          given contact "Ada" { }
          given contact "Bob" { } held_out
          at 2026-03-02 10:00
          when order.placed { total 20 } for "Ada"
          when order.placed { total 20 } for "Bob"
          expect end "inside" for "Ada"
          expect exit for "Bob"
        }""",
    "codes are given in their order, and then the fallback": """
        field offer text
        conversation "A" { thread "T" on order.placed { coupon pool:"WB20" into offer fallback "NONE" -> end } }
        test "it" {
          given contact "Ada" { }
          given contact "Bob" { }
          given coupon pool:"WB20" codes "AB12"
          at 2026-03-02 10:00
          when order.placed { total 20 } for "Ada"
          when order.placed { total 20 } after 1d for "Bob"
          expect field offer = "AB12" for "Ada"
          expect field offer = "NONE" for "Bob"
        }""",
    "a provider that refuses sends the contact on its way": """
        conversation "A" {
          thread "T" on order.placed {
            sms "Hi! Reply STOP to opt out." as "Text" on_failed end "refused" -> end "sent"
          }
        }
        test "it" {
          given contact "Ada" { mobile "+17175550100" }
          given contact "Bob" { mobile "+17175550101" }
          at 2026-03-02 10:00
          when order.placed { total 20 } for "Ada"
          when order.placed { total 20 } for "Bob"
          when failed step:"Text" for "Ada"
          expect step:"Text" failed for "Ada"
          expect end "refused" for "Ada"
          expect end "sent" for "Bob"
        }""",
    "a way back is gone as often as it may be": """
        conversation "A" {
          thread "T" on order.placed {
            sms "Hi! Reply STOP to opt out." as "Text" -> wait 1d -> goto step:"Text" at most 2 times -> end
          }
        }
        test "it" { GIVEN
          when order.placed { total 20 }
          expect 3 sms step:"Text"
          expect sms step:"Text" after 2d
          expect end after 3d
        }""",
    "a cap keeps messages back": """
        conversation "A" {
          cap sms 1 per 7d
          thread "T" on order.placed {
            sms "One! Reply STOP to opt out." -> wait 1d -> sms "Two! Reply STOP to opt out." as "Two" -> end
          }
        }
        test "it" { GIVEN
          when order.placed { total 20 }
          expect 1 sms
          expect step:"Two" skipped capped
        }""",
    "an order that is given counts, and what it held": """
        when total_spent > 100 and order_count = 2 -> end "rich"
        test "it" {
          given contact { } ordered 70d ago total 99.50 items "A" ordered 10d ago total 1
          at 2026-03-02 10:00
          expect end "rich"
        }""",
    "a month goes by, and everybody who fits comes in": """
        conversation "A" {
          thread "T" on every 1mo at 08:00 for total_spent > 100 { email subject "Hi" body "x" -> end }
        }
        test "it" {
          given contact "Ada" { email "ada@example.com" } ordered 3d ago total 200
          given contact "Bob" { email "bob@example.com" } ordered 3d ago total 20
          at 2026-03-02 10:00 until 70d
          expect 2 email subject "Hi" at 08:00 for "Ada"
          expect email on 2026-04-02 for "Ada"
          expect not entered for "Bob"
        }""",
    "a birthday comes by the clock of the contact": """
        field birthday date
        conversation "A" {
          thread "T" on anniversary of birthday before 7d at 09:00 { email subject "Hi" body "x" -> end }
        }
        test "it" {
          given contact "Ada" { email "ada@example.com", birthday 1990-05-14, zone "Asia/Tokyo" }
          given contact "Bob" { email "bob@example.com", birthday 1992-02-29 }
          at 2026-02-20 10:00
          expect email on 2026-02-21 at 09:00 for "Bob"
          expect email on 2026-05-07 at 09:00 for "Ada"
        }""",
    "another program is called": """
        conversation "A" {
          thread "T" on order.placed { webhook "https://hook.example/x" { total event.total } as "Call" -> end }
        }
        test "it" { GIVEN
          when order.placed { total 20 }
          expect webhook step:"Call" contains "20" to "https://hook.example/x"
        }""",
    "the staff are told of who came by": """
        conversation "A" {
          thread "T" on order.placed { notify "crm@shop.example" "A big order" -> end }
        }
        test "it" {
          given contact { }
          at 2026-03-02 10:00
          when order.placed { total 20 }
          expect notice "crm@shop.example" contains "A big order"
        }""",
    "a product is back in stock for who asked": """
        conversation "A" {
          thread "T" on back_in_stock { email subject "Back" body "{{ event.name }} is back" -> end }
        }
        test "it" { GIVEN
          given product { sku "A", name "A hat", stock 0, price 20 }
          given alert.requested { sku "A" } 3d ago
          when stock sku "A" 5 after 1d
          expect email contains "A hat is back" after 1d
        }""",
    "a price drops for who looked": """
        conversation "A" {
          thread "T" on price_drop 10% { email subject "Less" body "{{ event.price }}" -> end }
        }
        test "it" { GIVEN
          given product { sku "A", name "A hat", stock 5, price 20 }
          given product.viewed { sku "A" } 3d ago
          when price sku "A" 19 after 1d
          when price sku "A" 15 after 2d
          expect 1 email
          expect email contains "15" after 2d
        }""",
    "a cart is left": """
        conversation "A" {
          exit on order.placed
          thread "T" on cart.abandoned after 30m { email subject "Cart" body "{{ event.total }}" -> wait 1d -> end }
        }
        test "it" {
          given contact "Ada" { email "ada@example.com" }
          given contact "Bob" { email "bob@example.com" }
          at 2026-03-02 10:00
          when cart { total 40 } items "A" after 1h for "Ada"
          when cart { total 50 } items "A" after 1h for "Bob"
          when order.placed { total 50 } after 80m for "Bob"
          expect email contains "40" for "Ada"
          expect not entered for "Bob"
        }""",
    "what was bought runs out": """
        conversation "A" {
          thread "T" on replenish { email subject "Again" body "{{ event.name }}" -> end }
        }
        test "it" {
          given contact { email "ada@example.com" } ordered 20d ago total 20 items "A"
          given product { sku "A", name "Coffee", stock 5, price 20, lasts "30d" }
          at 2026-03-02 10:00
          expect email contains "Coffee"
        }""",
    "an event that a step lets happen, a list that it joins, and a conversation that it starts": """
        event shop.visited { page text }
        conversation "A" {
          thread "T" on order.placed {
            emit shop.visited { page "hats" } -> unsubscribe list:"News" -> start conversation:"C" -> end "begun"
          }
        }
        conversation "B" { thread "T" on shop.visited { email subject "B" body "{{ event.page }}" -> end } }
        conversation "C" { thread "T" on shop.visited where event.page = "x" { wait 1d -> end "started" } }
        test "it" {
          given contact { email "ada@example.com" } subscribed list:"News"
          at 2026-03-02 10:00
          when order.placed { total 20 }
          expect event shop.visited
          expect unsubscribed list:"News"
          expect email contains "hats" in conversation:"B"
          expect end "begun" in conversation:"A"
          expect end "started" after 1d in conversation:"C"
        }""",
    "values are reckoned from the beginning": """
        field birthday date
        when birthday = today -> end "happy"
        test "it" {
          given contact "Ada" { birthday today }
          given contact "Bob" { birthday today - 1d }
          at 2026-03-02 10:00
          expect end "happy" for "Ada"
          expect not entered for "Bob"
        }""",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_a_test_reaches_it(text: str) -> None:
    assert failures(text.replace("GIVEN", GIVEN)) == []
