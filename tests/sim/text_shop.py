"""A shop that texts by the simulated provider: its settings, and a script that greets everybody once."""

from __future__ import annotations

from conductor_dsl.cli.provider_sim import ACCOUNT

_SETTINGS = """
brand.name = "Shop"
lists."Texts" = "news by text"
engine.batch = {batch}
{top}
[codes."34567"]
classes = ["transactional"]
[sms]
provider = "twilio"
base_url = "{url}"
account_sid = "{account}"
auth_token = {{ env = "SHOP_TOKEN" }}
settle = "{settle}"
{sms}
"""
HELLO = """
conversation "Hello" {
  class transactional
  thread "All" when no_order_within 60d check every 1d {
    sms "Shop: hello {{ first_name | default: 'you' }}" from code:"34567" list list:"Texts" -> end
  }
}
"""


def text_settings(url: str, *, batch: int, settle: str = "0s", top: str = "", sms: str = "") -> str:
    """What stands in `conductor.toml` for a provider at `url`; `top` and `sms` are lines of their own."""
    return _SETTINGS.format(url=url, account=ACCOUNT, batch=batch, settle=settle, top=top, sms=sms)
