"""`conductor provider-sim`, as a process of its own."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import pytest

from conductor_dsl.cli.provider_sim import ACCOUNT
from tests.cli.serving import conductor
from tests.sim.listening import listening
from tests.sim.simulating import AUTHORIZATION, MESSAGES, Simulated, simulated

PLAN = """
hang = 0.1
slow = 0.1
receipt_after = 0
retry_after = 7
[[rule]]
to = "+17175550101"
fault = "lost"
[[rule]]
to = "+17175550102"
fault = "dropped"
[[rule]]
to = "+17175550103"
fault = "hang"
[[rule]]
to = "+17175550104"
fault = "half"
[[rule]]
to = "+17175550105"
fault = "garbage"
[[rule]]
to = "+17175550106"
fault = "throttled"
[[rule]]
to = "+17175550107"
fault = "503"
[[rule]]
to = "+17175550108"
fault = "30001"
[[rule]]
to = "+17175550109"
fault = "slow"
"""


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """One for all tests here; each uses numbers of its own."""
    with simulated(tmp_path_factory.mktemp("sim"), plan=PLAN) as sim:
        yield sim


def taken(sim: Simulated, to: str) -> int:
    """How many messages to somebody were taken."""
    return len(sim.listed(To=to)["messages"])


def test_a_text_is_taken_listed_and_shown(sim: Simulated) -> None:
    sent = sim.send("+17175550110", "Grüße", StatusCallback="http://127.0.0.1:9/?key=abc")
    assert (sent.status, sent.said["status"], sent.said["body"]) == (201, "queued", "Grüße")
    [listed] = sim.listed(To="+17175550110")["messages"]
    assert (listed["sid"], listed["from"], listed["direction"]) == (sent.said["sid"], "34567", "outbound-api")
    assert sim.ask("GET", sent.said["uri"], Authorization=AUTHORIZATION).said["sid"] == sent.said["sid"]
    [entry] = [each for each in sim.entries() if each["kind"] == "accepted" and each["to"] == "+17175550110"]
    assert (entry["key"], entry["text"]) == ("abc", "Grüße")


def test_a_list_has_pages_with_the_latest_first(sim: Simulated) -> None:
    for number in range(5):
        sim.send("+17175550111", str(number), From="34567" if number != 2 else "99999")
    found, path = [], f"{MESSAGES}?To=%2B17175550111&From=34567&PageSize=3"
    while path:
        page = sim.ask("GET", path, Authorization=AUTHORIZATION).said
        found.append([each["body"] for each in page["messages"]])
        path = page["next_page_uri"]
    assert found == [["4", "3", "1"], ["0"]]


def test_a_list_goes_by_days(sim: Simulated) -> None:
    sim.send("+17175550112")
    found = [len(sim.listed(To="+17175550112", **{name: day})["messages"]) for name, day in DAYS]
    assert found == [1, 0, 0, 1]


DAYS = [
    ("DateSent>", "2020-01-01"),
    ("DateSent<", "2020-01-01"),
    ("DateSent", "2020-01-01"),
    ("DateSent<", "2999-01-01"),
]


@pytest.mark.parametrize("to", ["+17175550101", "+17175550102", "+17175550103"])
def test_an_answer_does_not_come(sim: Simulated, to: str) -> None:
    with pytest.raises((HTTPException, OSError)):
        sim.send(to)
    assert taken(sim, to) == (0 if to.endswith("2") else 1)


def test_an_answer_breaks_off(sim: Simulated) -> None:
    with pytest.raises(IncompleteRead):
        sim.send("+17175550104")
    assert taken(sim, "+17175550104") == 1


def test_an_answer_takes_its_time(sim: Simulated) -> None:
    began = perf_counter()
    assert sim.send("+17175550109").status == 201
    assert perf_counter() - began > 0.1
    assert taken(sim, "+17175550109") == 1


def test_an_answer_makes_no_sense(sim: Simulated) -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        sim.send("+17175550105")
    assert taken(sim, "+17175550105") == 1


def test_it_is_busy_or_out_of_order(sim: Simulated) -> None:
    busy, broken, coded = (sim.send(f"+1717555010{n}") for n in (6, 7, 8))
    assert (busy.status, busy.said["code"], busy.headers["Retry-After"]) == (429, 20429, "7")
    assert (broken.status, "code" in broken.said) == (503, False)
    assert (coded.status, coded.said["code"]) == (400, 30001)
    assert [taken(sim, f"+1717555010{n}") for n in (6, 7, 8)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "12345"}, 21211),
        ({"To": "+15005550009"}, 21614),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"ValidityPeriod": "0"}, 20001),
    ],
)
def test_what_twilio_refuses_is_refused(sim: Simulated, fields: dict[str, str], code: int) -> None:
    sent = sim.send(**{"to": "+17175550113", **fields})
    assert (sent.status, sent.said["code"]) == (400, code)


@pytest.mark.parametrize("authorization", ["", "Basic bm9ib2R5OnNlY3JldA==", "Basic %", "Bearer x"])
def test_a_stranger_is_refused(sim: Simulated, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    sent = sim.ask("POST", MESSAGES, "To=%2B17175550114&From=1&Body=x", **headers)
    assert (sent.status, sent.said["code"]) == (401, 20003)
    assert taken(sim, "+17175550114") == 0


def test_another_account_is_not_there(sim: Simulated) -> None:
    path = MESSAGES.replace(ACCOUNT, "AC" + "1" * 32)
    assert sim.ask("GET", path, Authorization=AUTHORIZATION).said["code"] == 20404


def test_a_key_is_taken_once_in_json(sim: Simulated) -> None:
    body = '{"to": "+17175550115", "from": "34567", "text": "Hello"}'
    first, second = (sim.ask("POST", "/messages", body, Idempotency_Key="k1") for _ in range(2))
    assert (first.status, second.status) == (201, 200)
    assert first.said["id"] == second.said["id"] == sim.ask("GET", "/messages/k1").said["id"]
    assert sim.ask("GET", "/messages/k2").status == 404
    assert taken(sim, "+17175550115") == 1


@pytest.mark.parametrize("body", ["", "[]", "{", '{"to": ""}', '{"to": 3}', "\udcff"])
def test_json_that_is_no_message_is_refused(sim: Simulated, body: str) -> None:
    sent = sim.ask("POST", "/messages", body.encode("utf-8", "surrogateescape").decode("latin-1"), Idempotency_Key="k")
    assert sent.status == 400 and sent.said["message"]


def test_half_a_request_is_none(sim: Simulated) -> None:
    before, parts = sim.summary(), urlsplit(sim.url)
    del before["receipts"]  # those of other tests may still be on their way
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as client:
        head = f"POST {MESSAGES} HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\nContent-Length: 99\r\n\r\n"
        client.sendall(head.encode() + b"To=%2B1717")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b""
    assert before.items() <= sim.summary().items()


@pytest.mark.parametrize(("length", "status"), [("1048577", 413), ("x", 413), ("", 411)])
def test_a_request_whose_length_cannot_be_is_refused(sim: Simulated, length: str, status: int) -> None:
    assert sim.ask("POST", "/messages", None, Content_Length=length).status == status


def test_nothing_is_at_other_addresses(sim: Simulated) -> None:
    assert [sim.ask(*request).status for request in (("GET", "/"), ("POST", "/x", "y"), ("GET", "/inbound"))] == [
        404
    ] * 3


def test_a_key_that_was_taken_twice_is_listed(sim: Simulated) -> None:
    for _ in range(2):
        sim.send("+17175550116", StatusCallback="http://127.0.0.1:9/?key=doubled")
    summary = sim.summary()
    assert "doubled" in summary["accepted twice"]
    assert summary["accepted"] > summary["keys"]


def test_a_person_who_writes_stop_gets_nothing_until_start(sim: Simulated) -> None:
    with listening() as ear:
        said = []
        for word in ("stop ", "START"):
            form = f"From=%2B17175550117&To=34567&Body={word}&Url={ear.url}"
            assert sim.ask("POST", "/inbound", form).said["answer"] == "200"
            said.append(sim.send("+17175550117").said.get("code"))
        assert [call.fields["Body"] for call in ear.calls] == ["stop ", "START"]
        assert ear.calls[0].fields["MessageSid"].startswith("SM")
    assert said == [21610, None]


def test_an_inbound_message_needs_somewhere_to_go(sim: Simulated) -> None:
    assert sim.ask("POST", "/inbound", "From=%2B17175550118&To=34567&Body=Hi").status == 400


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        ("twice", ["delivered", "delivered", "sent", "sent"]),
        ("30005", ["sent", "undelivered"]),
    ],
)
def test_receipts_are_told_and_written_down(tmp_path: Path, manner: str, told: list[str]) -> None:
    with listening() as ear, simulated(tmp_path, "--receipt", f"{manner}=1", plan="receipt_after = 0\n") as sim:
        sim.send(StatusCallback=f"{ear.url}?key=k1")
        calls = [ear.next() for _ in told]
        assert sorted(call.fields["MessageStatus"] for call in calls) == told
        assert all(call.path.endswith("?key=k1") for call in calls)
        assert {call.fields.get("ErrorCode") for call in calls} == ({None, "30005"} if manner == "30005" else {None})


def test_a_key_is_forgotten_and_a_message_shown_late_if_the_plan_says_so(tmp_path: Path) -> None:
    body = '{"to": "+17175550100", "from": "34567", "text": "Hello"}'
    with simulated(tmp_path, plan="keys_for = 0\nshown_after = 1000\n") as sim:
        said = [sim.ask("POST", "/messages", body, Idempotency_Key="k1").status for _ in range(2)]
        assert said == [201, 201] and sim.summary()["accepted twice"] == ["k1"]
        assert sim.ask("GET", "/messages/k1").status == 404
        assert sim.listed(To="+17175550100")["messages"] == []


def test_after_a_kill_it_knows_what_it_took_and_gives_the_receipts_that_are_due(tmp_path: Path) -> None:
    with listening() as ear:
        with simulated(tmp_path, plan="receipt_after = 1000\n") as first:
            sid = first.send(StatusCallback=f"{ear.url}?key=k1").said["sid"]
            before = first.summary()
            first.command.signal(signal.SIGKILL)
            first.command.end()
        with simulated(tmp_path, plan="receipt_after = 0\n") as second:
            assert second.summary()["accepted"] == before["accepted"] == 1
            assert second.listed(To="+17175550100")["messages"][0]["sid"] == sid
            assert {ear.next().fields["MessageStatus"] for _ in range(2)} == {"sent", "delivered"}
            second.command.signal(signal.SIGTERM)
            assert second.command.end() == 0
            assert '"accepted": 1' in second.command.output


def test_a_port_that_is_taken_and_a_log_that_is_something_else_are_told(sim: Simulated, tmp_path: Path) -> None:
    port = sim.url.rpartition(":")[2]
    (tmp_path / "diary.log").write_text("dear diary\n")
    log = ("--log", str(tmp_path / "sim.log"))
    cases = [(("--port", port, *log), "cannot listen"), (("--log", str(tmp_path / "diary.log")), "not an entry")]
    for options, told in cases:
        done = conductor("provider-sim", *options)
        assert done.exit_code == 2 and told in done.output, done.output
