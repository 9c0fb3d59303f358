"""`conductor size`: bytes by table, a contact and a run, on both databases."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.serving import SETTINGS, WELCOME, conductor, import_contacts, make_project, write_signups


def test_it_tells_bytes_by_table_a_contact_and_a_run(tmp_path: Path, database_url: str) -> None:
    folder = make_project(
        tmp_path / "shop", {"welcome.cdx": WELCOME}, f'{SETTINGS}[database]\nurl = "{database_url}"\n'
    )
    if database_url.startswith("sqlite"):
        (folder / "conductor.db").symlink_to(database_url.removeprefix("sqlite:///"))
    import_contacts(folder, 50)
    assert conductor("run", str(folder)).exit_code == 0
    if database_url.startswith("sqlite"):
        conductor("import", "events", str(write_signups(folder, "k0", "k1")), "--project", str(folder))
        assert conductor("run", str(folder)).exit_code == 0
    told = conductor("size", str(folder))
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert re.match(r"[\d.,]+ [kM]B", lines[0])
    assert re.search(r"^  contact +50 .*B +[\d.,]+ k?B$", told.stdout, re.MULTILINE)
    assert re.search(r"^a contact takes [\d,]+ B of .*: 50 contacts$", told.stdout, re.MULTILINE)
    if database_url.startswith("sqlite"):
        assert " of it free, " in lines[0]
        assert re.search(r"^a run takes [\d,]+ B with its messages and history: 2 runs$", told.stdout, re.MULTILINE)
    else:
        assert re.search(r"^  table +rows +dead +table +indexes$", told.stdout, re.MULTILINE)
        assert "history_rest" not in told.stdout
