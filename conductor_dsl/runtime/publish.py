"""Publish: checked flows become versions in the database, and what a new version does to people in flight."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.language.complete_text import complete_text
from conductor_dsl.language.flow import Flow
from conductor_dsl.language.vocabulary import Catalogue
from conductor_dsl.messages.preheader import with_preheader
from conductor_dsl.messages.template_to_reading import paths
from conductor_dsl.plugin.host import Host
from conductor_dsl.program.flow_to_program import flow_to_program
from conductor_dsl.program.operations import Send
from conductor_dsl.runtime.values import UNSUBSCRIBE_URL
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.ids import content_hash
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
    return Published(tuple(changed), tuple(name for name in by_name if name not in changed), tuple(gone))


def _publish(connection: sa.Connection, script: Script, catalogue: Catalogue, host: Host, now: Instant) -> bool:
    flow = script.flow
    sends = _messages(flow, catalogue, host)
    digest = content_hash(flow.to_json() + "".join(f"{step}:{row['hash']}" for step, row in sorted(sends.items())))
    id_ = conversation_id(connection, flow.name)
    if live_hash(connection, id_) == digest:
        return False
    messages = {step: store_message(connection, row) for step, row in sends.items()}
    new = store_version(connection, id_, flow, source=script.source, messages=messages, digest=digest, now=now)
    _settle_in_flight(connection, id_, (new, flow), now)
    addresses = {address for send in _sends(flow, host).values() for address, _ in send.notices}
    sender = catalogue.senders.get("email", "")
    watch(connection, addresses, sender=sender, zone=flow.settings.zone, now=now)
    return True


def _sends(flow: Flow, host: Host) -> dict[int, Send]:
    program = flow_to_program(flow, {name: step.lower for name, step in host.steps.items()})
    return {number: each for number, each in enumerate(program.operations) if isinstance(each, Send)}


def _messages(flow: Flow, catalogue: Catalogue, host: Host) -> dict[int, dict[str, str]]:
    """The message of each sending step, as the columns of its row."""
    sends = _sends(flow, host)
    return {
        number: _message(send, flow.steps[number].name, flow.settings.message_class, catalogue)
        for number, send in sends.items()
    }


def _message(send: Send, step: str, message_class: str, catalogue: Catalogue) -> dict[str, str]:
    subject, body, name, preheader, sender = send.subject, send.body, step, "", send.sender
    if send.saved is not None:
        if send.saved not in catalogue.saved:
            raise ConductorError(f"there is no saved message `{send.saved}`", hint="put it into messages/")
        saved = catalogue.saved[send.saved]
        subject, name, preheader, sender = saved.subject, saved.name, saved.preheader, sender or saved.sender
        body = with_preheader(saved.body, saved.preheader)
    if send.channel == "sms":
        body = complete_text(body, message_class, catalogue)
    constants = _constants(catalogue.constants, subject + body)
    row = {
        "channel": send.channel,
        "name": name,
        "subject": subject,
        "preheader": preheader,
        "body": body,
        "sender": sender or _default_sender(send.channel, message_class, catalogue),
        "reply_to": (send.reply_to or catalogue.reply_to) if send.channel == "email" else "",
        "constants": json.dumps(constants, sort_keys=True, ensure_ascii=False),
        "paths": json.dumps([path for path in paths(subject + "\n" + body) if _is_personal(path, constants)]),
    }
    return row | {"hash": content_hash(json.dumps(row, sort_keys=True))}


def _default_sender(channel: str, message_class: str, catalogue: Catalogue) -> str:
    """Who a message comes from that does not say: for a text, the first number provisioned for its class."""
    if channel != "sms":
        return catalogue.senders.get(channel, "")
    codes = (code.number for code in catalogue.codes.values() if message_class in code.classes)
    return next(codes, "")


def _constants(constants: Mapping[str, str], text: str) -> dict[str, str]:
    """The constants that a template reads, so that a change of another one makes no new version."""
    read = {path.partition(".")[0] for path in paths(text)}
    return {name: value for name, value in constants.items() if name in read}


def _is_personal(path: str, constants: Mapping[str, str]) -> bool:
    return path == UNSUBSCRIBE_URL or path.partition(".")[0] not in constants


def _settle_in_flight(connection: sa.Connection, conversation: int, new: tuple[int, Flow], now: Instant) -> None:
    """What `in_flight` says of runs in older versions: keep them there, move them over, or end them."""
    version_id, flow = new
    older = sa.and_(run.c.conversation_id == conversation, run.c.version_id != version_id)
    match flow.settings.in_flight:
        case "end":
            exit_runs(connection, older, "new version", now)
        case "move":
            _move(connection, conversation, new)


def _move(connection: sa.Connection, conversation: int, new: tuple[int, Flow]) -> None:
    """Move runs to the step of the same name and kind; those whose step is gone stay in their version."""
    version_id, flow = new
    targets = {(step.thread, step.name, step.kind): step.number for step in flow.steps}
    rows = connection.execute(sa.select(version).where(version.c.conversation_id == conversation))
    for row in rows.all():
        if row.id == version_id:
            continue
        for step in Flow.from_json(row.flow).steps:
            target = targets.get((step.thread, step.name, step.kind))
            if target is not None:
                move_runs(connection, (row.id, step.number), (version_id, target))
