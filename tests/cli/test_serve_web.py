"""`conductor serve` with [web]: a person leaves by the link of a message that was sent."""

from __future__ import annotations

import http.client
import re
import signal
import socket
from pathlib import Path

from tests.cli.serving import (
    SETTINGS,
    STOPS_WITHIN,
    conductor,
    import_contacts,
    make_project,
    rows,
    serve,
    write_signups,
)

WEB = """
[web]
listen = "127.0.0.1:{port}"
public_url = "https://conductor.shop.example"
"""
SCRIPT = """
event shop.signup { source text }
conversation "Welcome" {
  class alert
  thread "Hi" on shop.signup {
    email subject "Hello" body "Hello! No more: {{ unsubscribe_url }}" list list:"Texts" as "Hello" -> end
  }
}
"""


def post(address: str, path: str) -> int:
    """The status of the answer."""
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("POST", path, b"List-Unsubscribe=One-Click")
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_link_of_a_message_unsubscribes_its_reader(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", {"welcome.cdx": SCRIPT}, SETTINGS + WEB.format(port=0))
    import_contacts(folder, 2)
    with serve(folder) as serving:
        listening = serving.wait_for("listening")
        address = re.findall(r"listening at (\S+) for https://conductor.shop.example", listening)[0]
        assert conductor("import", "events", str(write_signups(folder, "k1")), "--project", str(folder)).exit_code == 0
        serving.wait_for("1 accepted")
        [(text,)] = rows(folder, "SELECT text FROM development_message")
        path = re.findall(r"https://conductor\.shop\.example(/unsubscribe/\S+)", text)[0]
        assert post(address, path) == 200
        assert post(address, path[:-1]) == 404
        serving.signal(signal.SIGTERM)
        assert serving.end(within=STOPS_WITHIN) == 0
    found = rows(folder, "SELECT key, list, action, source FROM consent JOIN contact ON contact.id = contact_id")
    assert found == [("k1", "Texts", "unsubscribed", "link")]


def test_a_port_that_is_taken_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        folder = make_project(tmp_path / "shop", {"welcome.cdx": SCRIPT}, SETTINGS + WEB.format(port=port))
        with serve(folder) as serving:
            assert serving.end() == 2
    assert f"error: cannot listen at `127.0.0.1:{port}`: address already in use" in serving.output
    assert rows(folder, "SELECT count(*) FROM conversation_version") == [(0,)]
