"""Whole imports: what is stored, what is rejected, and what a repetition changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.runtime.ingest import ingest
from conductor_dsl.runtime.ingest.nouns import ImportOptions
from conductor_dsl.shared.clock import DAY
from conductor_dsl.store.tables import metadata
from tests.runtime.import_shop import NOW, Shop, counts, reasons


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    shop = Shop(tmp_path, database_url)
    yield shop
    shop.engine.dispose()


def test_contacts_are_normalised_once(shop: Shop) -> None:
    head = "key,email,mobile,first_name,zone,country,tier,birthday,points,mobile2,vip\n"
    row = "a,Ann.Lee@Example.COM,(415) 555-0123,Ann,Europe/Paris,us,Gold,1990-02-28,12,0171,yes\n"
    assert counts(shop.load("contacts", head + row)) == (1, 1, 0, 0)
    ann = shop.contact()
    assert (ann["email"], ann["email_state"]) == ("Ann.Lee@example.com", "valid")
    assert (ann["mobile"], ann["mobile_state"]) == ("+14155550123", "valid")
    assert (ann["first_name"], ann["last_name"], ann["zone"]) == ("Ann", None, "Europe/Paris")
    assert json.loads(ann["fields"]) == {
        "country": "US",
        "tier": "Gold",
        "birthday": "1990-02-28",
        "points": 12,
        "mobile2": {"invalid": "0171"},
        "vip": True,
    }


def test_a_repeated_import_changes_nothing(shop: Shop) -> None:
    shop.load("contacts", "key,email,tier\na,a@example.com,Gold\nb,,\n")
    orders = "order_id,contact,placed_at,total\n1,a,2026-01-01,10\n1,b,2026-01-02T10:00:00Z,\n"
    events = "event_id,contact,name,at,seconds\n,a,page.viewed,2026-01-01T10:00:00Z,3\ne,a,page.viewed,2026-01-01,\n"
    consent = "contact,list,action,at\na,L,subscribed,2026-01-01\na,L,unsubscribed,2026-01-02\n"
    kinds = {"orders": orders, "events": events, "consent": consent}
    assert [counts(shop.load(kind, text)) for kind, text in kinds.items()] == [(2, 2, 0, 0)] * 3
    before = shop.everything()
    assert [counts(shop.load(kind, text)) for kind, text in kinds.items()] == [(2, 0, 2, 0)] * 3
    assert counts(shop.load("contacts", "key,email,tier\na,a@example.com,Gold\nb,,\n")) == (2, 0, 2, 0)
    assert shop.everything() == before


def test_an_empty_cell_leaves_and_a_json_null_clears(shop: Shop) -> None:
    shop.load("contacts", "key,email,first_name,tier\na,a@example.com,Ann,Gold\n")
    assert counts(shop.load("contacts", "key,email,first_name,tier\na,,,\n")) == (1, 0, 1, 0)
    assert counts(shop.load("contacts", '{"key":"a","email":null,"tier":null}\n', "f.jsonl")) == (1, 1, 0, 0)
    ann = shop.contact()
    assert (ann["email"], ann["email_state"], ann["first_name"], ann["fields"]) == (None, "missing", "Ann", "{}")


def test_of_rows_about_one_contact_the_last_word_counts(shop: Shop) -> None:
    result = shop.load("contacts", "key,first_name,tier\na,Ann,Gold\na,Anna,\n")
    assert counts(result) == (2, 1, 1, 0)
    assert (shop.contact()["first_name"], json.loads(shop.contact()["fields"])) == ("Anna", {"tier": "Gold"})


BAD_CONTACTS = """key,zone,country,birthday,points,vip
,,,,,
b,America/NewYork,,,,
c,,UK,,,
d,,,31.12.1990,,
e,,,2025-02-30,,
f,,,,"1,000",
g,,,,,maybe
h,,
i,,,,,,,
"j"x,,,,,
ok,UTC,GB,2024-02-29,-1.5,no
"""


def test_every_bad_row_is_kept_with_its_line_and_reason(shop: Shop) -> None:
    result = shop.load("contacts", BAD_CONTACTS)
    assert counts(result) == (11, 1, 0, 10)
    assert reasons(result) == {
        2: "`key` is empty",
        3: "unknown zone `America/NewYork`; did you mean `America/New_York`?",
        4: "unknown country `UK`; did you mean `GB`?",
        5: "`birthday` `31.12.1990` is not a date; write `2026-03-31`",
        6: "`birthday` `2025-02-30` is not in the calendar",
        7: "`points` `1,000` is not a number; write `1234.50`, without signs between the digits",
        8: "`vip` `maybe` is neither `true` nor `false`",
        9: "not 6 cells, as the header has, but 3",
        10: "not 6 cells, as the header has, but 8",
        11: "a quoted cell goes wrong in line 11",
    }


def test_a_mended_rejects_file_can_be_imported_itself(shop: Shop) -> None:
    result = shop.load("contacts", "key;zone;tier\na;Paris;Gold\nb;UTC;\n")
    assert result.rejects_path is not None
    mended = result.rejects_path.read_text(encoding="utf-8").replace("Paris;Gold", "Europe/Paris;Gold")
    assert counts(shop.load("contacts", mended, "mended.csv")) == (1, 1, 0, 0)
    assert (shop.contact()["zone"], json.loads(shop.contact()["fields"])) == ("Europe/Paris", {"tier": "Gold"})


def test_a_clean_run_removes_the_rejects_of_the_last(shop: Shop) -> None:
    assert (shop.load("contacts", "key,zone\na,Nowhere\n").rejects_path or Path()).exists()
    assert shop.load("contacts", "key,zone\na,UTC\n").rejects_path is None
    assert not (shop.folder / "file.rejects.csv").exists()


BAD_OBJECTS = """{"key":"a","points":7,"tags":["x"],"vip":true}
{"key":"b"
[1]
{"key":"c","points":NaN}
{"key":"d","tier":"\\ud800"}
{"key":"e","tier":"\\u0000"}
{"key":"f","email":["x"]}
{"key":"g","tier":"\\\\u0000"}
"""


def test_bad_objects_are_kept_with_their_line_and_reason(shop: Shop) -> None:
    result = shop.load("contacts", BAD_OBJECTS, "c.jsonl")
    assert counts(result) == (8, 2, 0, 6)
    assert json.loads(shop.contact()["fields"]) == {"points": 7, "tags": '["x"]', "vip": True}
    kept = [json.loads(line) for line in (shop.folder / "c.rejects.jsonl").read_text().splitlines()]
    assert [row["_line"] for row in kept] == [2, 3, 4, 5, 6, 7]
    assert kept[0]["_text"] == '{"key":"b"'
    assert kept[5] == {"_line": 7, "_reason": "`email` is a JSON list, not a text", "key": "f", "email": ["x"]}


def test_orders_are_checked_and_summed(shop: Shop) -> None:
    shop.load("contacts", "key\na\n")
    rows = [
        "1,a,2026-01-01T12:00:00,10.5,",
        '2,a,2026-01-02T12:00:00Z,,"[{""sku"":""X""}]"',
        "3,zz,2026-01-01,1,",
        "4,a,2026-03-04T10:00:00Z,1,",
        "5,a,01/02/2026,1,",
        "6,a,2026-01-01,-1,",
        "7,a,2026-01-01,1.005,",
        '8,a,2026-01-01,1,"{}"',
        "9,a,1969-01-01,1,",
        "10,a,2026-03-03T09:00:00Z,1,",
    ]
    result = shop.load("orders", "\n".join(["order_id,contact,placed_at,total,items", *rows]))
    assert counts(result) == (10, 3, 0, 7)
    assert list(reasons(result)) == [4, 5, 6, 7, 8, 9, 10]
    ann = shop.contact()
    noon_in_new_york = 1_767_286_800_000
    assert (ann["order_count"], ann["total_cents"], ann["first_order_at"]) == (3, 1150, noon_in_new_york)
    assert ann["last_order_at"] == NOW + DAY - 3_600_000


def test_an_event_without_a_number_is_known_by_its_content(shop: Shop) -> None:
    shop.load("contacts", "key\na\n")
    head = "contact,name,at,seconds,url\n"
    same = "a,page.viewed,2026-01-01T10:00:00Z,3,/x\n"
    other = "a,page.viewed,2026-01-01T10:00:00Z,4,\n"
    assert counts(shop.load("events", head + same + same + other)) == (3, 2, 1, 0)
    payloads = sorted(row["payload"] for row in shop.rows("event"))
    assert payloads == ['{"seconds":3,"url":"/x"}', '{"seconds":4}']


def test_an_order_is_not_imported_as_an_event(shop: Shop) -> None:
    shop.load("contacts", "key\na\n")
    result = shop.load("events", "contact,name,at\na,order.placed,2026-01-01\n")
    assert "conductor import orders" in reasons(result)[2]


def test_consent_for_an_unknown_list_is_rejected(shop: Shop) -> None:
    shop.load("contacts", "key\na\n")
    words = ("a,Newsleter,subscribed", "a,*,unsubscribed", "a,*,subscribed")
    text = "contact,list,action,at\n" + "".join(f"{word},2026-01-01\n" for word in words)
    result = shop.load("consent", text, options=ImportOptions(lists=frozenset({"Newsletter"})))
    assert counts(result) == (3, 1, 0, 2)
    assert reasons(result)[2] == "unknown list `Newsleter`; did you mean `Newsletter`?"


def test_a_misspelt_column_is_pointed_out(shop: Shop) -> None:
    result = shop.load("contacts", "key,e-mail,Phone,time zone,first name,birthday,tier\na,,,,,,\n")
    assert [message for message, _ in result.warnings] == [
        "the column `e-mail` is not `email`",
        "the column `Phone` is not `mobile`",
        "the column `time zone` is not `zone`",
        "the column `first name` is not `first_name`",
    ]


def test_batches_commit_one_by_one_and_an_import_may_stop_between_them(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BATCH", 2)
    shop.load("contacts", "key\na\nb\n")
    text = "order_id,contact,placed_at,total\n" + "".join(f"{n},a,2026-01-0{n},{n}\n" for n in range(1, 6))

    def stop(_done: int, _size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.load("orders", text, progress=stop)
    assert shop.contact()["order_count"] == 2
    assert counts(shop.load("orders", text)) == (5, 3, 2, 0)
    assert (shop.contact()["order_count"], shop.contact()["total_cents"]) == (5, 1500)


def test_an_import_may_die_at_any_statement(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "BATCH", 2)
    shop.load("contacts", "key\na\nb\n")
    text = "order_id,contact,placed_at,total\n1,a,2026-01-01,1\n2,b,2026-01-02,2\n3,a,2026-01-03,4\n"
    left = 0

    def die(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    sa.event.listen(shop.engine, "before_cursor_execute", die)
    for statement in range(1, 60):
        left = statement
        try:
            shop.load("orders", text)
        except KeyboardInterrupt:
            orders = {(row["contact_id"], row["key"]) for row in shop.rows("orders")}
            assert sum(row["order_count"] for row in shop.rows("contact")) == len(orders)
    sums = {row["key"]: (row["order_count"], row["total_cents"]) for row in shop.rows("contact")}
    assert sums == {"a": (2, 500), "b": (1, 200)}


def test_an_opt_out_cancels_what_has_not_left_yet(shop: Shop) -> None:
    shop.load("contacts", "key\na\n")
    waiting = {
        "contact_id": shop.contact()["id"],
        "list": "News",
        "state": "ready",
        "channel": "email",
        "sender": "",
        "address": "a@example.com",
        "values": "[]",
        "not_before": 0,
        "expires_at": NOW + DAY,
        "created_at": 0,
    }
    numbers = dict.fromkeys(("conversation_id", "entry_no", "step", "visit", "version_id", "message_id"), 1)
    with shop.engine.begin() as connection:
        connection.execute(metadata.tables["intent"].insert().values(waiting | numbers))
    shop.load("consent", "contact,list,action,at\na,Other,unsubscribed,2026-01-01\n")
    assert shop.rows("intent")[0]["state"] == "ready"
    shop.load("consent", "contact,list,action,at\na,News,unsubscribed,2026-01-01\n")
    assert shop.rows("intent")[0]["state"] == "cancelled"
