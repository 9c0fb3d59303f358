"""A shop, its provider and a customer, each a process of its own: a text, its receipt, a STOP, and the one answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from conductor_dsl.cli.provider_sim import ACCOUNT
from tests.cli.serving import Command, conductor, make_project, rows, serve, write_signups
from tests.ports import unused_port
from tests.sim.simulating import Simulated, simulated

SETTINGS = """
brand.name = "Shop"
brand.shop_url = "https://shop.example"
lists."Texts" = "news by text"
[codes."34567"]
classes = ["transactional"]
[web]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
[sms]
provider = "twilio"
base_url = "{url}"
account_sid = "{account}"
auth_token = {{ env = "SHOP_TOKEN" }}
"""
SCRIPT = """
event shop.signup { source text }
conversation "Welcome" {
  class transactional
  reentry always
  thread "Hi" on shop.signup {
    sms "Shop: welcome! Reply STOP to opt out." from code:"34567" list list:"Texts" as "Hello" -> end
  }
}
"""
MOBILE = "+17175550100"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Path, Command, Simulated]]:
    """A shop that serves; its provider tells everything twice."""
    with opened(tmp_path, "--receipt", "twice=1") as opening:
        yield opening


@contextmanager
def opened(tmp_path: Path, *options: str) -> Iterator[tuple[Path, Command, Simulated]]:
    """A shop that serves, with one subscriber, and its provider."""
    port = unused_port()
    inbound_to = ("--inbound-to", f"http://127.0.0.1:{port}/callbacks/sms")
    with simulated(tmp_path, "--seed", "1", *inbound_to, *options) as provider:
        settings = SETTINGS.format(port=port, url=provider.url, account=ACCOUNT)
        folder = make_project(tmp_path / "shop", {"welcome.cdx": SCRIPT}, settings)
        bring(folder, "contacts", "key,mobile", f"k1,{MOBILE}")
        bring(folder, "consent", "contact,list,action,at", "k1,Texts,subscribed,2026-01-01T00:00:00Z")
        with serve(folder, environ={"SHOP_TOKEN": "simulated"}) as serving:
            serving.wait_for("serving")
            yield folder, serving, provider


def bring(folder: Path, kind: str, *lines: str) -> None:
    """Import a file."""
    path = folder / f"{kind}.csv"
    path.write_text("\n".join(lines))
    done = conductor("import", kind, str(path), "--project", str(folder))
    assert done.exit_code == 0, done.output


def sign_up(folder: Path, where: str) -> None:
    """Let the subscriber sign up."""
    bring(folder, "events", *write_signups(folder, "k1").read_text().replace(",web", f",{where}").splitlines())


def texts(provider: Simulated) -> list[str]:
    """What the provider has taken, in order."""
    return [each["body"] for each in reversed(provider.listed(To=MOBILE)["messages"])]


def test_a_stop_by_text_is_answered_once_and_nothing_is_sent_after_it(shop: tuple[Path, Command, Simulated]) -> None:
    folder, serving, provider = shop
    sign_up(folder, "web")
    serving.wait_for("providers told")
    while rows(folder, "SELECT state FROM intent") != [("delivered",)]:
        serving.wait_for("providers told")
    form = urlencode({"From": MOBILE, "To": "34567", "Body": "please stop texting me"})
    provider.ask("POST", "/inbound", form)
    serving.wait_for("1 text")
    serving.wait_for("accepted")
    welcome, answer = texts(provider)
    assert welcome.startswith("Shop: welcome!")
    assert re.match(r"Shop: .*no more", answer), answer
    said = rows(folder, "SELECT list, action, source FROM consent WHERE action = 'unsubscribed' ORDER BY list")
    assert ("Texts", "unsubscribed", "text to 34567") in said
    provider.ask("POST", "/inbound", form)
    serving.wait_for("1 text")
    sign_up(folder, "store")
    serving.wait_for("moved on")
    assert len(texts(provider)) == 2


def test_a_receipt_proves_what_no_answer_did(tmp_path: Path) -> None:
    with opened(tmp_path, "--fault", "lost=1") as (folder, serving, provider):
        sign_up(folder, "web")
        assert "1 sending" in serving.wait_for("1 message")
        while rows(folder, "SELECT state FROM intent") != [("delivered",)]:
            serving.wait_for("providers told")
        assert [provider.summary()[name] for name in ("accepted", "accepted twice")] == [1, []]
    assert "Traceback" not in serving.output and "simulated" not in serving.output
