"""`conductor provider-sim`: a provider for trying things out, which does wrong what it is told to do wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click

from conductor_dsl.cli.signals import hold_signals, next_signal
from conductor_dsl.shared.clock import SystemClock

ACCOUNT = "AC" + "0" * 32


@click.command("provider-sim")
@click.option(
    "--log", type=click.Path(path_type=Path, dir_okay=False), default=Path("provider-sim.log"), help="Where to write."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8025, show_default=True, help="0 takes any.")
@click.option("--seed", type=int, help="Which dice decide what goes wrong.")
@click.option("--fault", "faults", multiple=True, metavar="NAME=SHARE", help="Of the requests, such as lost=0.02.")
@click.option("--receipt", "receipts", multiple=True, metavar="NAME=SHARE", help="Of the messages, such as late=0.1.")
@click.option("--plan", type=click.Path(path_type=Path, dir_okay=False), help="A TOML file with shares and rules.")
@click.option("--account", default=ACCOUNT, help="The account that may send; usually AC with 32 zeros.")
@click.option("--token", default="simulated", show_default=True, help="Its secret.")
@click.option("--inbound-to", default="", metavar="URL", help="Where messages from people go.")
def command(
    log: Path,
    port: int,
    seed: int | None,
    faults: Sequence[str],
    receipts: Sequence[str],
    *,
    plan: Path | None,
    account: str,
    token: str,
    inbound_to: str,
) -> None:
    """Take messages over HTTP as Twilio would, or as JSON, and send none of them.

    Every message is in the log before it is answered, and a start reads the log again. Shares of requests go wrong:
    `lost`, `slow`, `hang`, `half` and `garbage` answers to messages that were taken, `dropped` and `throttled` ones,
    any status such as `500`, any code of Twilio's such as `21211`. Receipts come `late`, `twice`, `disordered` or
    `never`, or tell why a message was not delivered, such as `30005`. The seed and the message decide which. Ctrl-C
    stops, and prints what GET /summary shows.
    """
    # What answers is needed by nobody else.
    from conductor_dsl.sim.book import Book  # noqa: PLC0415
    from conductor_dsl.sim.desk import Desk  # noqa: PLC0415
    from conductor_dsl.sim.plan import Plan  # noqa: PLC0415
    from conductor_dsl.sim.server import Server  # noqa: PLC0415
    from conductor_dsl.sim.teller import Teller  # noqa: PLC0415
    from conductor_dsl.sim.toml_to_plan import read_plan, with_shares  # noqa: PLC0415

    wrong = with_shares(read_plan(plan) if plan else Plan(), faults, receipts)
    wrong = wrong if seed is None else replace(wrong, seed=seed)
    clock = SystemClock()
    with closing(Book(log, wrong, clock)) as book:
        teller = Teller(book, wrong, clock, (account, token))
        server = Server(Desk(book, wrong, clock, teller, account, token, inbound_to), port)
        hold_signals()
        teller.open()
        server.open()
        click.echo(f"listening at {server.url}; Ctrl-C stops")
        next_signal()
        server.close()
        teller.close()
        click.echo(json.dumps(book.summary(), indent=2))
