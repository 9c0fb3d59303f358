"""Whatever stands in a file: it is imported to the letter, or refused with one clear message and nothing half-done."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_dsl.runtime.ingest.ingest import ingest_file
from conductor_dsl.shared.clock import VirtualClock
from conductor_dsl.shared.errors import ImportFileError
from tests.runtime.import_shop import NOW, Shop, counts, reasons

STORABLE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NASTY = STORABLE | st.text(st.sampled_from(" \t\r\n\"',;\\\ufeff\u2028{}é"), max_size=8)
SAYS_SOMETHING = NASTY.filter(lambda text: text and not text.isspace())


@pytest.fixture
def shop(tmp_path: Path, sqlite_url: str) -> Iterator[Shop]:
    shop = Shop(tmp_path, sqlite_url)
    yield shop
    shop.engine.dispose()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.tuples(SAYS_SOMETHING, SAYS_SOMETHING), max_size=4),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    bom=st.booleans(),
)
def test_any_text_survives_csv_to_the_letter(
    shop: Shop, cells: list[tuple[str, str]], delimiter: str, end: str, *, bom: bool
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("key", "one", "two"), *((f"k{n}", *pair) for n, pair in enumerate(cells))])
    result = shop.load("contacts", file.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    assert (result.read, result.rejected) == (len(cells), 0)
    stored = {row["key"]: json.loads(row["fields"]) for row in shop.rows("contact")}
    assert [stored[f"k{n}"] for n in range(len(cells))] == [{"one": one, "two": two} for one, two in cells]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=4))
def test_a_rejected_row_is_kept_to_the_letter(shop: Shop, rows: list[tuple[str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("key", "zone", "note"), *(("k", f"?{a}", b) for a, b in rows)])
    result = shop.load("contacts", file.getvalue())
    assert result.rejects_path is not None
    with result.rejects_path.open(encoding="utf-8", newline="") as kept:
        assert [tuple(row[2:]) for row in csv.reader(kept)][1:] == [("k", f"?{a}", b) for a, b in rows]


HEADERS = {
    "contacts": b"key,email,mobile,zone\n",
    "orders": b"order_id,contact,placed_at,total,items\n",
    "events": b"contact,name,at,payload\n",
    "consent": b"contact,list,action,at\n",
}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(list(HEADERS)),
    start=st.sampled_from(["header", "object", ""]),
    junk=st.binary(max_size=60) | st.text(st.sampled_from('a1,;"\n\r\t{}[]:. \0é'), max_size=60).map(str.encode),
)
def test_junk_is_refused_or_rejected_and_never_a_fault(shop: Shop, kind: str, start: str, junk: bytes) -> None:
    starts = {"header": HEADERS[kind], "object": b'{"key":"a","contact":"a"}\n', "": b""}
    name = "f.jsonl" if start == "object" else "f.csv"
    with suppress(ImportFileError):
        result = shop.load(kind, starts[start] + junk, name)
        assert result.unchanged >= 0
        assert (result.rejects_path is not None) == (result.rejected > 0)


REFUSED = {
    "an empty file": (b"", "c.csv", "`{}` is empty"),
    "a file of nothing but a mark": (b"\xef\xbb\xbf\r\n", "c.csv", "`{}` is empty"),
    "a binary file": (b"\x7fELF\0\0", "c.csv", "`{}` is a binary file"),
    "a spreadsheet": (b"PK\x03\x04xl/", "c.csv", "`{}` is a spreadsheet or an archive"),
    "UTF-16": ("key\na".encode("utf-16"), "c.csv", "`{}` is UTF-16 text"),
    "a header without key": (b"name,mail\na,b\n", "c.csv", "{}:1: there is no column `key`"),
    "two columns of one name": (b"key,a,a\nx,,\n", "c.csv", "{}:1: two columns are named `a`"),
    "a column without a name": (b"key,,a\nx,,\n", "c.csv", "{}:1: column 2 has no name"),
    "an open quotation mark": (b'key,a\nx,"1\ny,2\n', "c.csv", "{}:2: a quotation mark is never closed"),
    "an endless cell": (b'key,a\nx,"' + b"1\n" * 70_000 + b'"\n', "c.csv", "{}:2: a cell is longer than"),
    "an endless line": (b'{"key":"' + b"a" * 2_000_000 + b'"}', "c.jsonl", "{}:1: the line is longer than 1 MiB"),
    "a JSON array": (b'[{"key":"a"}]', "c.jsonl", "`{}` is one JSON array"),
    "CSV under a wrong name": (b"key,a\nx,y\n", "c.jsonl", "`{}` does not begin with a JSON object"),
    "an unknown ending": (b"key\na\n", "c.txt", "cannot tell the format of `{}` from its name"),
}


@pytest.mark.parametrize(("content", "name", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_hopeless_file_is_refused_with_one_message(shop: Shop, content: bytes, name: str, message: str) -> None:
    with pytest.raises(ImportFileError) as refused:
        shop.load("contacts", content, name)
    assert str(refused.value).startswith(message.format(shop.folder / name))
    assert shop.rows("contact") == []


def test_text_that_is_not_utf8_is_refused_before_anything_is_imported(shop: Shop) -> None:
    with pytest.raises(ImportFileError, match=r":20002: the byte `0xE9` is not UTF-8 text"):
        shop.load("contacts", b"key\n" + b"k\n" * 20_000 + "é\n".encode("latin-1"))
    assert shop.rows("contact") == []


def test_the_first_line_may_hold_what_is_not_utf8(shop: Shop) -> None:
    with pytest.raises(ImportFileError, match=r":1: the byte `0xE9` is not UTF-8 text"):
        shop.load("contacts", "key,prénom\n".encode("latin-1"))


@pytest.mark.parametrize(("name", "message"), [("", "is a folder"), ("nothing.csv", "there is no file")])
def test_what_is_no_file_is_refused(shop: Shop, name: str, message: str) -> None:
    with pytest.raises(ImportFileError, match=message):
        ingest_file(shop.engine, shop.programs, "contacts", shop.folder / name, clock=VirtualClock(NOW))


def test_a_file_is_not_overwritten_by_its_own_rejects(shop: Shop) -> None:
    with pytest.raises(ImportFileError, match="would be overwritten"):
        shop.load("contacts", "key\n\n", rejects_path=shop.folder / "file.csv")
    assert (shop.folder / "file.csv").read_text() == "key\n\n"


def test_rejects_that_cannot_be_written_keep_their_batch_from_being_stored(shop: Shop) -> None:
    with pytest.raises(ImportFileError, match="cannot write"):
        shop.load("contacts", "key,zone\na,UTC\nb,Nowhere\n", rejects_path=shop.folder / "no" / "r.csv")
    assert shop.rows("contact") == []


def test_a_pipe_is_imported(shop: Shop) -> None:
    pipe = shop.folder / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"key\na\nb\n",))
    writer.start()
    result = ingest_file(shop.engine, shop.programs, "contacts", pipe, clock=VirtualClock(NOW))
    writer.join()
    assert counts(result) == (2, 2, 0, 0)


def test_a_misplaced_quotation_mark_costs_its_own_rows_only(shop: Shop) -> None:
    result = shop.load("contacts", 'key,a\nx,"1" y\nz,"2\n3" q\nok,5" pipe\nb,"1\n2"\n')
    assert counts(result) == (4, 2, 0, 2)
    assert reasons(result) == {2: "a quoted cell goes wrong in line 2", 3: "a quoted cell goes wrong in lines 3 to 4"}


def test_progress_is_told_in_bytes_to_the_end(shop: Shop) -> None:
    told: list[tuple[int, int]] = []
    shop.load("contacts", "key\n" + "k\n" * 25_000, progress=lambda done, size: told.append((done, size)))
    assert len(told) == 3
    assert told == sorted(told)
    assert told[-1] == (50_004, 50_004)
