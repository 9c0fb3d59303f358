"""From what came of the stories to figures."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from tests.crash.crash import ANY_TIME
from tests.nodes import kills, pauses, stops
from tests.proven.figures import Fact, Figures

KILLS = """Three nodes serve one project. Each is killed by SIGKILL, at a named point of its way or at a random moment,
also while it begins, and another takes its place. PostgreSQL is crashed under them, by an immediate shutdown or by
SIGKILL of all its processes, and started again. Meanwhile contacts buy, leave carts and opt out, and the provider loses
answers, breaks off calls and refuses messages. A trigger in the database records who holds which message until when."""

PAUSES = """Two nodes share a database, and send texts over HTTP to a simulated provider that takes its time and loses
answers. One of them is stopped by SIGSTOP in the middle of a batch, for one and a half times its lease, while the other
takes over what it had in hand; then it goes on where it was, by SIGCONT."""

STOPS = """Six nodes share a database, and send texts over HTTP to a simulated provider that takes its time. Each is
told to stop in the middle of a batch, by SIGTERM, by SIGINT, or by one after the other, and another follows."""


def kills_to_figures(result: kills.Result) -> Figures:
    """The figures of nodes that were killed."""
    killed, verification = sum(result.kills.values()), result.verification
    return _figures(
        result,
        "Three nodes killed again and again, on a PostgreSQL that crashes",
        KILLS,
        {
            "contacts": result.plan.contacts,
            "nodes at once": kills.NODES,
            "kills of a node": killed,
            "of these at a named point": killed - result.kills.get(ANY_TIME, 0),
            "crashes of PostgreSQL": sum(result.crashes.values()),
            "of these by SIGKILL": result.crashes.get("SIGKILL", 0),
            "nodes that outlived a crash of the database": result.outlived,
            "starts while the database was down, refused": result.refused,
            "runs": sum(verification.runs.values()),
            "messages": sum(verification.messages.values()),
            "accepted by the provider": result.accepted,
            "lost: a step without a message or a reason": len(result.unaccounted),
            "promises broken": sum(result.broken().values()),
            "listed as ambiguous": verification.ambiguous,
            "messages held by two nodes at once": len(result.twice_held),
            "attempts by a node that did not hold the message": len(result.strays),
            "dead nodes whose messages were taken over": len(result.take_overs),
            "slowest take-over, s": result.slowest[0] / 1000,
            "slowest take-over with the time in which the database was down, s": result.slowest[1] / 1000,
            "nodes that ended by themselves": len(result.wrong_ends),
            "tracebacks": len(result.wrong_lines),
        },
    )


def pauses_to_figures(result: pauses.Result) -> Figures:
    """The figures of nodes that were stopped and went on."""
    return _figures(
        result,
        "Nodes stopped for longer than their lease, on PostgreSQL",
        PAUSES,
        {
            "pauses": result.pauses,
            "seconds of each": pauses.ASLEEP,
            "pauses in which the other node took messages over": result.taken_over,
            "messages taken over": result.messages_taken_over,
            "pairs of nodes at once": result.plan.pairs,
            "accepted by the provider": result.accepted,
            "accepted twice": len(result.doubled),
            "promises broken": sum(result.broken.values()),
            "listed as ambiguous": result.ambiguous,
            "messages held by two nodes at once": len(result.twice_held),
            "nodes that ended by themselves": len(result.wrong_ends),
            "tracebacks": len(result.wrong_lines),
        },
    )


def stops_to_figures(result: stops.Result) -> Figures:
    """The figures of nodes that were told to stop."""
    return _figures(
        result,
        "Nodes told to stop while they send, on PostgreSQL",
        STOPS,
        {
            "stops": len(result.took),
            **{f"of these by {way}": count for way, count in sorted(result.ways.items())},
            "messages in their hands when they were told": result.had,
            "slowest stop, s": max(result.took),
            "median stop, s": median(result.took),
            "messages in doubt, or still in the hands of a node that is gone": result.left,
            "accepted by the provider": result.accepted,
            "accepted twice": len(result.doubled),
            "listed as ambiguous": result.ambiguous,
            "promises broken": sum(result.broken.values()),
            "nodes that did not end with 0": len(result.wrong_ends),
            "tracebacks": len(result.wrong_lines),
        },
    )


def _figures(
    result: kills.Result | pauses.Result | stops.Result, title: str, what: str, facts: Mapping[str, Fact]
) -> Figures:
    return Figures(
        title=title,
        what=what,
        command="make crash",
        seed=result.plan.seed,
        seconds=result.seconds,
        holds=result.holds,
        facts=facts,
        database=result.database,
        details=result.to_json(),
    )


def shown(figures: Figures) -> str:
    """The figures as text, with everything that is wrong."""
    lines = [f"{figures.title}: {figures.seconds} s, seed {figures.seed}"]
    lines += [f"{value:>12,} {name}" for name, value in figures.facts.items()]
    for name in ("doubled", "twice_held", "strays", "wrong_ends", "wrong_lines", "unaccounted"):
        lines += [f"{name}: {each}" for each in figures.details.get(name, ())[:5]]
    for verdict in figures.details.get("verification", {}).get("verdicts", ()):
        lines += [f"broken: {verdict['promise']}: {each}" for each in verdict["examples"]]
    return "\n".join([*lines, "every promise was kept" if figures.holds else "a promise was broken"]) + "\n"
