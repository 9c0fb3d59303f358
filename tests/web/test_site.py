"""The addresses of `conductor serve`, asked over HTTP."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import (
    ForgedError,
    Heard,
    ProviderSetting,
    ProviderType,
    Receipt,
    Verdict,
    WebAnswer,
    WebRequest,
)
from conductor_dsl.project.settings import load_settings
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.runtime.open_project import Carrier
from conductor_dsl.shared.links import confirm_token, link_token
from conductor_dsl.store import node_tables
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect, reading, secret_of
from conductor_dsl.web.app import LARGEST_BODY, Site, make_app
from conductor_dsl.web.server import Server
from tests.conformance.shop import Shop

SETTINGS = """
[brand]
name = "Ada & Sons"
[lists]
"sms" = "texts about <b>shoes</b>"
[web]
listen = "127.0.0.1:0"
public_url = "https://conductor.shop.example/base/"
"""


@dataclass
class World:
    """A shop whose addresses are asked."""

    shop: Shop
    address: str
    complaints: list[str]
    calls: list[WebRequest]

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str, Any]:
        """The status, the body and the headers of an answer."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        told = answer.status, answer.read().decode(), answer.headers
        connection.close()
        return told

    def token(self, key: str = "a", list_: str = "sms") -> str:
        """What stands in the link of a contact."""
        with reading(self.shop.engine) as connection:
            secret = secret_of(connection)
        return link_token(secret, self.shop.id(key), list_)

    def words(self, key: str = "a") -> list[tuple[str, str, str]]:
        """The ledger of a contact: list, action, source."""
        found = sa.select(t.consent.c.list, t.consent.c.action, t.consent.c.source)
        rows = self.shop.rows(found.where(t.consent.c.contact_id == self.shop.id(key)).order_by(t.consent.c.at))
        return [(row.list, row.action, row.source) for row in rows]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A shop with a provider for texts that takes any JSON with the right password."""
    (tmp_path / "conductor.toml").write_text(SETTINGS)
    shop = Shop(connect(f"sqlite:///{tmp_path / 'shop.db'}"))
    complaints: list[str] = []
    calls: list[WebRequest] = []

    def answer(_setting: ProviderSetting, request: WebRequest) -> WebAnswer:
        calls.append(request)
        if request.headers.get("x-password") != "right":
            raise ForgedError("the password is wrong")
        told = json.loads(request.body)
        return WebAnswer(Heard((Receipt(told["key"], Verdict.DELIVERED),)), "<ok/>", "text/xml")

    setting = ProviderSetting({}, str(tmp_path), shop.engine, print, listener(shop.engine, shop.clock, lambda: None))
    carriers = {
        "sms": Carrier(ProviderType("bird", ("sms",), lambda _: shop.sms, answer=answer), setting),
        "email": Carrier(ProviderType("post", ("email",), lambda _: shop.email), setting),
    }
    settings = load_settings(tmp_path, {})
    with Server(make_app(Site(settings, shop.node, carriers, complaints.append)), settings.listen) as server:
        yield World(shop, server.address, complaints, calls)
    shop.engine.dispose()


def test_a_receipt_is_kept_before_the_provider_is_thanked(world: World) -> None:
    status, body, headers = world.ask("POST", "/callbacks/sms?id=1", b'{"key": "k"}', **{"X-Password": "right"})
    assert (status, body, headers["content-type"]) == (200, "<ok/>", "text/xml; charset=utf-8")
    assert len(world.shop.rows(sa.select(node_tables.inbox))) == 1
    assert world.calls[0].url == "https://conductor.shop.example/base/callbacks/sms?id=1"


def test_a_forged_call_changes_nothing_and_is_told(world: World) -> None:
    assert world.ask("POST", "/callbacks/sms?token=hush", b'{"key": "k"}')[0] == 403
    assert world.shop.rows(sa.select(node_tables.inbox)) == []
    url = "https://conductor.shop.example/base/callbacks/sms"
    assert world.complaints == [f"a call to `{url}` was refused: the password is wrong"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/callbacks/sms", b"no JSON", 400),
        ("/callbacks/email", b"{}", 404),
        ("/callbacks/pigeon", b"{}", 404),
        ("/callbacks/sms", b"x" * (LARGEST_BODY + 1), 413),
        ("/nothing", b"", 404),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, path: str, body: bytes, status: int) -> None:
    assert world.ask("POST", path, body, **{"X-Password": "right"})[0] == status
    assert world.shop.rows(sa.select(node_tables.inbox)) == []


def test_opening_the_link_changes_nothing(world: World) -> None:
    world.shop.contact("a")
    status, body, headers = world.ask("GET", f"/unsubscribe/{world.token()}")
    assert status == 200
    assert "Ada &amp; Sons" in body
    assert "texts about &lt;b&gt;shoes&lt;/b&gt;" in body
    assert '<form method="post">' in body
    assert headers["referrer-policy"] == "no-referrer"
    assert world.words() == [("sms", "subscribed", "")]


def test_one_click_leaves_the_list_and_calls_back_what_waits(world: World) -> None:
    world.shop.contact("a")
    world.shop.sms.answer = lambda _: Verdict.TRANSIENT
    world.shop.publish('when no_order_within 60d check every 1d -> sms "Hello" -> end')
    world.shop.run()
    world.shop.clock.move_to(world.shop.now + 1)
    status, body, _ = world.ask("POST", f"/unsubscribe/{world.token()}", b"List-Unsubscribe=One-Click")
    assert (status, "no longer sends you" in body) == (200, True)
    assert world.words() == [("sms", "subscribed", ""), ("sms", "unsubscribed", "link")]
    assert world.shop.messages("a") == [("cancelled", "opted_out")]


def test_the_button_for_everything_leaves_everything(world: World) -> None:
    world.shop.contact("a")
    world.shop.clock.move_to(world.shop.now + 1)
    assert world.ask("POST", f"/unsubscribe/{world.token()}", b"everything=1")[0] == 200
    assert world.words()[-1] == ("*", "unsubscribed", "link")


def test_a_second_click_says_the_same(world: World) -> None:
    world.shop.contact("a")
    world.shop.clock.move_to(world.shop.now + 1)
    answers = {world.ask("POST", f"/unsubscribe/{world.token()}")[0] for _ in range(2)}
    assert (answers, len(world.words())) == ({200}, 2)


@pytest.mark.parametrize("change", ["cut", "other", "nobody"])
def test_a_link_that_is_not_ours_changes_nothing(world: World, change: str) -> None:
    world.shop.contact("a")
    token = world.token()
    wrong = {"cut": token[:-2], "other": "0" * 32 + token[32:], "nobody": "x"}[change]
    assert [world.ask(method, f"/unsubscribe/{wrong}")[0] for method in ("GET", "POST")] == [404, 404]
    assert len(world.words()) == 1


def test_health_is_asked_of_the_database(world: World) -> None:
    assert world.ask("GET", "/health")[:2] == (200, "ok\n")
    world.shop.execute(sa.text("DROP TABLE installation"))
    assert world.ask("GET", "/health")[0] == 500


def test_a_second_yes_counts_once_it_is_said_and_not_when_the_link_is_opened(world: World) -> None:
    world.shop.publish('when no_order_within 60d check every 1d -> sms "Hello" -> end')
    world.shop.contact("a", lists=("Letters",))
    with reading(world.shop.engine) as connection:
        token = confirm_token(secret_of(connection), 1, "Letters")
    world.shop.clock.move_to(world.shop.now + 1)
    for path in (f"/confirm/{token}", f"/confirm/{world.token()}", "/confirm/x"):
        status, body, _ = world.ask("GET", path)
        assert (status, "would send you" in body) == ((200, True) if token in path else (404, False))
    assert world.ask("POST", f"/confirm/{world.token()}")[0] == 404
    assert world.words() == [("Letters", "subscribed", "")]
    status, body, _ = world.ask("POST", f"/confirm/{token}")
    assert (status, "sends you from now on" in body) == (200, True)
    assert world.words() == [("Letters", "subscribed", ""), ("Letters", "confirmed", "link")]
