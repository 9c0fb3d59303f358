"""`conductor replies`: what may have been a STOP is listed until somebody has read it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.cli.serving import LETTER, conductor, import_contacts, make_project, rows


def test_a_reply_is_listed_until_it_is_decided(tmp_path: Path) -> None:
    shop = make_project(tmp_path / "shop", {"letter.cdx": LETTER})
    import_contacts(shop, 2)
    assert conductor("replies", str(shop)).output == "every reply was understood\n"
    at = datetime.now(UTC).isoformat()
    lines = [f'k{number},sms.received,{at},"my lawyer, again",34567' for number in range(2)]
    (shop / "texts.csv").write_text("\n".join(["contact,name,at,text,code", *lines]))
    assert conductor("import", "events", str(shop / "texts.csv"), "--project", str(shop)).exit_code == 0
    done = conductor("replies", str(shop))
    assert (done.exit_code, done.output.count("text to 34567: my lawyer, again")) == (1, 2)
    done = conductor("replies", str(shop), "--stop", "k0", "--harmless", "k1")
    assert (done.exit_code, done.output) == (0, "1 want no more texts, 1 go on\n")
    assert rows(shop, "SELECT contact_id FROM membership WHERE list = 'sms:*' AND state = 'unsubscribed'") == [(1,)]
    done = conductor("replies", str(shop), "--stop", "k0")
    assert (done.exit_code, "no reply of `k0` waits to be read" in done.output) == (2, True)
