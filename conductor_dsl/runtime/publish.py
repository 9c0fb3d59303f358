"""Publish: checked flows become versions in the database, and what a new version does to people in flight."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.language.flow import Flow, FlowStep
from conductor_dsl.language.vocabulary import Catalogue, ListRule
from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.plugin.host import Host
from conductor_dsl.program.flow_to_program import flow_to_program
from conductor_dsl.program.operations import Await, Coupon, Program
from conductor_dsl.runtime.flow_to_messages import code_to_answers, flow_to_messages, rule_to_request
from conductor_dsl.runtime.wishes import wishes
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.ids import content_hash
from conductor_dsl.store.codes import Code, keep_codes
from conductor_dsl.store.coupons import keep_pools
from conductor_dsl.store.list_rules import keep_list_rules
from conductor_dsl.store.notices import watch
from conductor_dsl.store.runs import exit_runs, move_runs
from conductor_dsl.store.tables import run, version
from conductor_dsl.store.versions import (
    conversation_id,
    live_conversations,
    live_hash,
    retire,
    store_message,
    store_version,
)


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing changed: conversations by name."""

    new: tuple[str, ...]
    unchanged: tuple[str, ...]
    retired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A checked conversation with the text it was written as."""

    flow: Flow
    source: str


def publish(
    connection: sa.Connection, scripts: Iterable[Script], catalogue: Catalogue, host: Host, now: Instant
) -> Published:
    """Make the scripts the live conversations; those that are no longer among them let nobody in any more.

    A script whose flow and messages have not changed is left alone. Call it in one transaction: it happens as a whole.
    """
    by_name = {script.flow.name: script for script in scripts}
    changed = [name for name, script in by_name.items() if _publish(connection, script, catalogue, host, now)]
    gone = {name: id_ for name, id_ in live_conversations(connection).items() if name not in by_name}
    for id_ in gone.values():
        retire(connection, id_)
    _keep_codes(connection, catalogue)
    remember_lists(connection, catalogue)
    _keep_pools(connection, catalogue, _pools_of(by_name.values(), host), now)
    return Published(tuple(changed), tuple(name for name in by_name if name not in changed), tuple(gone))


def _pools_of(scripts: Iterable[Script], host: Host) -> set[str]:
    """The pools of which scripts give codes."""
    operations = (each for script in scripts for each in _program(script.flow, host).operations)
    return {each.pool for each in operations if isinstance(each, Coupon)}


def _program(flow: Flow, host: Host) -> Program:
    return flow_to_program(flow, {name: step.lower for name, step in host.steps.items()})


def _keep_codes(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Remember what texts to each code are answered with."""
    keep_codes(
        connection,
        (
            Code(
                each.number,
                each.revokes,
                {name: store_message(connection, row) for name, row in code_to_answers(each, catalogue)},
            )
            for each in catalogue.codes.values()
        ),
    )


def remember_lists(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Remember what lists ask of those who join; an import does this too, for it may come before any publication."""
    keep_list_rules(connection, [_rule(connection, each, catalogue) for each in catalogue.list_rules])


def _rule(connection: sa.Connection, rule: ListRule, catalogue: Catalogue) -> tuple[object, ...]:
    """A row of `list_rule`."""
    if not rule.double:
        return (rule.name, "", "", None, "[]", rule.min_age, rule.birth)
    row = rule_to_request(rule, catalogue)
    values = json.dumps([rule.name] if json.loads(row["paths"]) else [], ensure_ascii=False)
    message = store_message(connection, row)
    return (rule.name, rule.double, row["sender"], message, values, rule.min_age, rule.birth)


def _keep_pools(connection: sa.Connection, catalogue: Catalogue, used: Container[str], now: Instant) -> None:
    """Remember what `conductor.toml` says of the pools, and who is told when one that is used runs low."""
    pools = catalogue.pools.values()
    keep_pools(connection, ((each.name, each.cutoff, each.warn_below, each.notify) for each in pools))
    addresses = {each.notify for each in pools if each.notify and each.name in used}
    watch(connection, addresses, sender=catalogue.senders.get("email", ""), zone=catalogue.zone, now=now)


def _publish(connection: sa.Connection, script: Script, catalogue: Catalogue, host: Host, now: Instant) -> bool:
    flow = script.flow
    sends = flow_to_messages(flow, catalogue, host)
    digest = content_hash(flow.to_json() + "".join(f"{step}:{row['hash']}" for step, row in sorted(sends.items())))
    id_ = conversation_id(connection, flow.name)
    if live_hash(connection, id_) == digest:
        return False
    messages = {step: store_message(connection, row) for step, row in sends.items()}
    standing = _standing(flow, host)
    new = store_version(
        connection, id_, flow, source=script.source, messages=messages, digest=digest, standing=standing, now=now
    )
    _settle_in_flight(connection, id_, (new, flow), host, now)
    addresses = {address for address, _, _ in wishes(_program(flow, host))}
    sender = catalogue.senders.get("email", "")
    watch(connection, addresses, sender=sender, zone=flow.settings.zone, now=now)
    return True


def _standing(flow: Flow, host: Host) -> set[str]:
    """The names of the threads that are looked at as a whole once they are published, not only when something comes."""
    passing = (TriggerSource.EVENT, TriggerSource.PRODUCT)
    entered = ((each.name, host.triggers[each.trigger.kind].source) for each in flow.threads if each.trigger)
    return {name for name, source in entered if source not in passing}


def _settle_in_flight(
    connection: sa.Connection, conversation: int, new: tuple[int, Flow], host: Host, now: Instant
) -> None:
    """What `in_flight` says of runs in older versions: keep them there, move them over, or end them."""
    version_id, flow = new
    older = sa.and_(run.c.conversation_id == conversation, run.c.version_id != version_id)
    match flow.settings.in_flight:
        case "end":
            exit_runs(connection, older, "new version", now)
        case "move":
            _move(connection, conversation, new, host)


def _move(connection: sa.Connection, conversation: int, new: tuple[int, Flow], host: Host) -> None:
    """Move runs to the step of the same name and kind; those whose step is gone stay in their version."""
    version_id, flow = new
    targets = {_likeness(step, host): step.number for step in flow.steps}
    rows = connection.execute(sa.select(version).where(version.c.conversation_id == conversation))
    for row in rows.all():
        if row.id == version_id:
            continue
        for step in Flow.from_json(row.flow).steps:
            target = targets.get(_likeness(step, host))
            if target is not None:
                move_runs(connection, (row.id, step.number), (version_id, target))


def _likeness(step: FlowStep, host: Host) -> tuple[str, str, str, bool]:
    """What two steps have in common for a run to move between them: who waits for an event goes on waiting for one."""
    known = host.steps.get(step.kind)
    return step.thread, step.name, step.kind, known is not None and isinstance(known.lower(step), Await)
