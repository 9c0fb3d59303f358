"""Bad input through the real commands: one clear message, an exit code, no traceback, and nothing half done."""

from __future__ import annotations

import hashlib
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.connect import connect
from tests.cli.serving import conductor

CONTACTS = "key,email,zone\na,a@example.com,Europe/Berlin\n"
WANTS_DATABASE = (("run", "shop"), ("status", "shop"), ("import", "contacts", "contacts.csv", "--project", "shop"))
DEEP = "when " + "(" * 10_000 + "order_count = 1" + ")" * 10_000 + " -> end"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that `conductor init` makes, published; never used itself, only copied."""
    folder = tmp_path_factory.mktemp("published") / "shop"
    assert conductor("init", str(folder)).exit_code == 0
    assert conductor("run", str(folder)).exit_code == 0
    return folder


@pytest.fixture
def shop(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project in the current folder, beside `contacts.csv`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    shutil.copytree(published, "shop")
    return Path("shop")


def fingerprint(folder: Path) -> dict[str, str]:
    """What stands in every file below a folder, but for the lock files that SQLite keeps beside a database."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm")))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def refused(*arguments: str, code: int = 2) -> str:
    """Run a command that must be refused and change nothing; what it says."""
    before = fingerprint(Path())
    result = conductor(*arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert fingerprint(Path()) == before
    return result.output


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "wrong", "finding"),
    [
        ("-> wait 3d", "-> wiat 3d", "wiat", "there is no step `wiat`\ndid you mean `wait`?"),
        ("-> wait 3d", "-> wait 12", "12", "`wait` needs a duration"),
        ("Winback1", "Winback9", "saved", "there is no saved message `Winback9`\ndid you mean `Winback2`?"),
        ("Customers", "Costumers", "list", "there is no list `Costumers`\ndid you mean `Customers`?"),
        ("34567", "99999", "code", "there is no code `99999`"),
        ("New_York", "New_Yrok", '"Am', "there is no time zone `America/New_Yrok`\ndid you mean `America/New_York`?"),
    ],
)
def test_a_mistake_in_a_script_is_shown_and_published_by_nobody(
    shop: Path, old: str, new: str, wrong: str, finding: str
) -> None:
    edit(shop / "winback.cdx", old, new)
    before = (shop / "winback.cdx").read_text().partition(new)[0] + new
    line = before.count("\n") + 1
    column = before.rpartition("\n")[2].rindex(wrong) + 1
    for command in ("check", "run"):
        output = refused(command, "shop", code=1)
        assert output.count("error[CDX") == 1, output
        assert all(part in output for part in (f"winback.cdx:{line}:{column}\n", *finding.split("\n"))), output
    assert "nothing was published: correct the errors first" in output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file holds no conversation"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "the script is a binary file"),
        (b"# a comment\n" * 200_000, "the script is larger than 1 MiB"),
        (DEEP.encode(), "brackets are nested more than 64 deep"),
        (b"when no_order_within 60d -> ".replace(b"60d", b"\xff\xfe"), "UTF-8"),
    ],
    ids=["empty", "binary", "2 MB", "nesting", "latin-1"],
)
def test_a_file_that_is_no_script_is_told_so(shop: Path, content: bytes, message: str) -> None:
    (shop / "winback.cdx").write_bytes(content)
    for command in ("check", "run"):
        output = refused(command, "shop", code=1)
        assert output.count("error[CDX") == 1, output
        assert message in output
    assert len(output) < 2_000


def test_a_folder_in_place_of_a_script_leaves_no_scripts(shop: Path) -> None:
    (shop / "winback.cdx").unlink()
    (shop / "winback.cdx").mkdir()
    for command in ("check", "run", "serve"):
        assert "error: there are no scripts (*.cdx) in `shop`\nhint: " in refused(command, "shop")


@pytest.mark.parametrize("command", ["run", "serve", "status"])
def test_a_folder_without_settings_gets_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    output = refused(command, ".")
    assert output == (
        "error: there is no conductor.toml in `.`\n"
        "hint: go to the project's folder, or name it; `conductor init DIR` makes one\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[brand]", "[brand", "shop/conductor.toml:4:7: not valid TOML: expected `]`"),
        (
            'zone = "America/New_York"',
            'zone = "America/New_Yrok"',
            "shop/conductor.toml:7: unknown zone `America/New_Yrok`\nhint: did you mean `America/New_York`?",
        ),
        (
            '[sms]\nprovider = "development"',
            '[sms]\nprovider = "file"\ntoken = "abc"',
            "`token` is a secret, which does not belong into a file\nhint: write `token = { env = ",
        ),
        (
            '"sqlite:///conductor.db"',
            '"postgresql://ada:abc@localhost/shop"',
            "`url` holds a password, which does not belong into a file\nhint: set the whole URL in",
        ),
        ("batch = 5000", "batch = 0", "`batch` is 0, which is out of range"),
    ],
)
def test_settings_that_cannot_be_used_stop_every_command(shop: Path, old: str, new: str, message: str) -> None:
    edit(shop / "conductor.toml", old, new)
    for arguments in (*WANTS_DATABASE, ("check", "shop"), ("serve", "shop")):
        output = refused(*arguments)
        assert message.replace("`]`", "']'") in output
        assert output.startswith("error: ")
        assert len(output.splitlines()) == 2
        assert "abc" not in output


@pytest.mark.parametrize("command", ["run", "serve"])
@pytest.mark.parametrize(
    ("provider", "hint"),
    [
        ("fiel", "did you mean `file`?; it stands under [sms] in conductor.toml"),
        ("pigeons", "there are `development`, `file`, `smpp`, `twilio`; it stands under [sms] in conductor.toml"),
    ],
)
def test_an_unknown_provider_is_refused_before_a_database_is_made(
    shop: Path, command: str, provider: str, hint: str
) -> None:
    (shop / "conductor.db").unlink()
    edit(shop / "conductor.toml", '[sms]\nprovider = "development"', f'[sms]\nprovider = "{provider}"')
    output = refused(command, "shop")
    assert output == f"error: no plugin gives a provider `{provider}` for sms\nhint: {hint}\n"
    assert not (shop / "conductor.db").exists()


def write_foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE wp_posts (id INTEGER)")


def write_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("UPDATE installation SET number = 99; PRAGMA wal_checkpoint(TRUNCATE)")


def write_damaged(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


def write_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "message", "hint"),
    [
        (lambda path: path.write_text("my notes " * 200), "file is not a database", "it is a file of another kind"),
        (write_directory, "unable to open database file", "check `url` under [database] in conductor.toml"),
        (write_foreign, "belongs to something else", "give Conductor a database of its own"),
        (write_newer, "the database is of a newer version of Conductor", "use that version, or a newer one"),
        (write_damaged, "malformed", "the file is damaged; put a backup in its place"),
    ],
    ids=["text", "directory", "foreign", "newer", "damaged"],
)
def test_a_database_that_is_none_of_ours_is_left_alone(
    shop: Path, spoil: Callable[[Path], object], message: str, hint: str
) -> None:
    spoil(shop / "conductor.db")
    for arguments in (*WANTS_DATABASE, ("serve", "shop")):
        output = refused(*arguments)
        assert re.fullmatch(rf"error: .*{re.escape(message)}.*\nhint: {re.escape(hint)}.*\n", output), output


def test_a_database_without_permission_is_refused(ordinary_folder: Path) -> None:
    database = ordinary_folder / "conductor.db"
    connect(f"sqlite:///{database}").dispose()
    database.chmod(0)
    with pytest.raises(DatabaseError, match=r"cannot open the database `sqlite:///.*conductor\.db`: unable to open"):
        connect(f"sqlite:///{database}")


def test_a_database_locked_for_too_long_is_told_so(shop: Path) -> None:
    edit(shop / "conductor.toml", "sqlite:///conductor.db", "sqlite:///conductor.db?timeout=0.05")
    with closing(sqlite3.connect(shop / "conductor.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for arguments in WANTS_DATABASE:
            output = refused(*arguments)
            assert "database is locked\nhint: another program keeps it to itself" in output


def test_a_full_disk_leaves_the_database_as_it_was(shop: Path) -> None:
    rows = "".join(f"k{number},k{number}@example.com,\n" for number in range(12_000))
    Path("contacts.csv").write_text("key,email,zone\n" + rows)
    size = (shop / "conductor.db").stat().st_size + 20_000

    def fill_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    command = [sys.executable, "-m", "conductor_dsl", *WANTS_DATABASE[-1]]
    full = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=fill_disk)
    assert full.returncode == 2, full.stderr
    assert re.fullmatch(r"error: the database failed: .*\nhint: nothing was half done; .*\n", full.stderr)
    with closing(sqlite3.connect(shop / "conductor.db")) as connection:
        assert connection.execute("SELECT count(*) FROM contact").fetchone() == (0,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert conductor(*WANTS_DATABASE[-1]).exit_code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "error: `contacts.csv` is empty\n"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
            "`contacts.csv` is a binary file\nhint: import text",
        ),
        (b"name,email\nAda,a@example.com\n", "there is no column `key`"),
        (b"key,key\na,b\n", "`key`"),
        ("key,first_name\na,Zo\xeb\n".encode("latin-1"), "UTF-8"),
    ],
    ids=["empty", "binary", "no key", "twice", "latin-1"],
)
def test_a_file_that_cannot_be_imported_brings_in_nothing(shop: Path, content: bytes, message: str) -> None:
    Path("contacts.csv").write_bytes(content)
    output = refused(*WANTS_DATABASE[-1])
    assert output.startswith(("error: contacts.csv", "error: `contacts.csv`"))
    assert message in output
    assert output.count("error: ") == 1


def test_bad_rows_are_rejected_one_by_one_and_the_others_stored(shop: Path) -> None:
    Path("contacts.csv").write_text(CONTACTS + "b,b@example.com,Mars/Base\n,c@example.com,\nd,d@example.com,,,extra\n")
    result = conductor(*WANTS_DATABASE[-1])
    assert (result.exit_code, "1 new or changed, 0 known already, 3 rejected" in result.stdout) == (1, True)
    rejects = Path("contacts.rejects.csv").read_text()
    assert "unknown zone `Mars/Base`" in rejects
    with closing(sqlite3.connect(shop / "conductor.db")) as connection:
        assert connection.execute("SELECT key FROM contact").fetchall() == [("a",)]
