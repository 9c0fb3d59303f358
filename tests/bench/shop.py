"""The winback that everybody plays: one instant, one rule, two messages, the same words for all."""

from __future__ import annotations

from conductor_dsl.shared.clock import DAY, Instant

NOW: Instant = 1_772_467_200_000
"""2026-03-02T16:00Z, a Monday: morning in Los Angeles, afternoon in London; the window is open for everybody."""
QUIET = 60 * DAY
"""Who has not ordered for so long passes the gate."""
WAIT = 3 * DAY
STEPS = 4
"""Durable steps for each contact that passes the gate: the text, the wait, the e-mail, the end."""
SENT = 2
"""Messages for each contact that passes the gate."""
BATCH = 10_000

BRAND = "Alder Coffee"
SHOP_URL = "https://alder.example"
POSTAL_ADDRESS = "12 Harbor Street, Portland, ME 04101"
UNSUBSCRIBE_URL = f"{SHOP_URL}/preferences"

SCRIPT = """
conversation "Winback" {
  class marketing
  list list:"Customers"
  timezone contact else "America/New_York"
  window 08:00-21:00
  cap sms 3 per 7d
  cap email 3 per 7d
  reentry after 90d
  exit on order.placed

  thread "Winback" when no_order_within 60d check every 1d at 00:30 {
    sms "{{ brand }}: we miss you, {{ first_name | default: 'friend' }}! {{ shop_url }}/back Reply STOP to opt out."
      from code:"34567" list list:"Texts" on_invalid pass
    -> wait 3d
    -> email saved:"Winback1"
    -> end
  }
}
"""
SUBJECT = "{{ first_name | default: 'Friend' }}, your next bag is 15% off"
BODY = "Hello {{ first_name | default: 'friend' }},\n\n15% off at {{ brand }}: {{ shop_url }}/back\n"
BODY += "Unsubscribe: {{ unsubscribe_url }}\n{{ postal_address }}\n"

SMS_BY_HAND = "{brand}: we miss you, {first_name}! {shop_url}/back Reply STOP to opt out."
SUBJECT_BY_HAND = "{first_name}, your next bag is 15% off"
BODY_BY_HAND = "Hello {first_name},\n\n15% off at {brand}: {shop_url}/back\n"
BODY_BY_HAND += f"Unsubscribe: {UNSUBSCRIBE_URL}\n{POSTAL_ADDRESS}\n"


def sms_by_hand(first_name: str | None) -> tuple[str, str]:
    """Subject and body of the text to somebody."""
    return "", SMS_BY_HAND.format(brand=BRAND, first_name=first_name or "friend", shop_url=SHOP_URL)


def email_by_hand(first_name: str | None) -> tuple[str, str]:
    """Subject and body of the e-mail to somebody."""
    subject = SUBJECT_BY_HAND.format(first_name=first_name or "Friend")
    return subject, BODY_BY_HAND.format(brand=BRAND, first_name=first_name or "friend", shop_url=SHOP_URL)
