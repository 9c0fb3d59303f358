"""From a flow to the messages it sends: templates with all that is decided when they are published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from conductor_dsl.language.bind_types import value_type
from conductor_dsl.language.complete_text import MARKETING, complete_text
from conductor_dsl.language.flow import Flow, Settings
from conductor_dsl.language.statements_expect import CHANNELS
from conductor_dsl.language.template_filter import Filters
from conductor_dsl.language.vocabulary import CONFIRM_URL, Catalogue, ListRule, ShortCode
from conductor_dsl.messages.preheader import with_preheader
from conductor_dsl.messages.template_to_reading import paths
from conductor_dsl.plugin.host import Host
from conductor_dsl.program.flow_to_program import flow_to_program
from conductor_dsl.program.operations import Send
from conductor_dsl.runtime.programs import LoadedMessage, row_to_message
from conductor_dsl.runtime.values import CONFIRM_LINK, EMAIL, UNSUBSCRIBE_TO, UNSUBSCRIBE_URL
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.ids import content_hash
from conductor_dsl.shared.links import CONFIRM_PATH


def sending_steps(flow: Flow, host: Host) -> dict[int, Send]:
    """The steps of a flow that send, by number."""
    program = flow_to_program(flow, {name: step.lower for name, step in host.steps.items()})
    return {number: each for number, each in enumerate(program.operations) if isinstance(each, Send)}


def flow_to_messages(flow: Flow, catalogue: Catalogue, host: Host) -> dict[int, dict[str, str]]:
    """The message of each sending step, as the columns of its row.

    Raises ConductorError for a channel that no provider carries, and for a saved message that is gone.
    """
    sends = sending_steps(flow, host)
    for number, send in sends.items():
        if send.channel not in (*CHANNELS, *host.vocabulary.channels):
            message = f"no plugin carries the channel `{send.channel}`, by which `{flow.steps[number].name}` sends"
            raise ConductorError(message, hint="install a plugin with a provider for it")
    return {
        number: _message(send, flow.steps[number].name, flow.settings, catalogue, host.vocabulary.filters)
        for number, send in sends.items()
    }


def flow_to_drafts(flow: Flow, catalogue: Catalogue, host: Host) -> dict[int, LoadedMessage]:
    """The messages of a flow as they would be loaded if it were published now, by the number of their step."""
    return {number: row_to_message({"id": 0, **row}) for number, row in flow_to_messages(flow, catalogue, host).items()}


def _message(send: Send, step: str, settings: Settings, catalogue: Catalogue, filters: Filters) -> dict[str, str]:
    subject, body, name, preheader, sender = send.subject, send.body, step, "", send.sender
    if send.saved is not None:
        if send.saved not in catalogue.saved:
            raise ConductorError(f"there is no saved message `{send.saved}`", hint="put it into messages/")
        saved = catalogue.saved[send.saved]
        subject, name, preheader, sender = saved.subject, saved.name, saved.preheader, sender or saved.sender
        body = with_preheader(saved.body, saved.preheader)
    if send.channel == "sms":
        body = complete_text(body, settings.message_class, catalogue)
    if send.url is not None:
        body = json.dumps({name: value_type(value) for name, value in send.payload})
    read = () if send.url is not None else paths(subject + "\n" + body, filters)
    if _is_of_a_list(send, settings):
        read = tuple(dict.fromkeys((*read, UNSUBSCRIBE_URL)))
    constants = _constants(catalogue.constants, read)
    if send.channel == EMAIL and UNSUBSCRIBE_URL in read and catalogue.unsubscribe_to:
        constants[UNSUBSCRIBE_TO] = catalogue.unsubscribe_to
    return _row(
        channel=send.channel,
        name=name,
        subject=subject,
        preheader=preheader,
        body=body,
        sender=sender or _default_sender(send.channel, settings.message_class, catalogue),
        reply_to=(send.reply_to or catalogue.reply_to) if send.channel == EMAIL else "",
        media=json.dumps(send.media),
        constants=constants,
        read=read,
    )


def code_to_answers(code: ShortCode, catalogue: Catalogue) -> Iterator[tuple[str, dict[str, str]]]:
    """What STOP, HELP and START to a code are answered with: each meaning with the columns of its message."""
    for meaning, body in code.answers.items():
        read = paths(body)
        constants = _constants(catalogue.constants, read)
        texts = {"channel": "sms", "name": meaning.upper(), "body": body, "sender": code.number}
        yield meaning, _row(constants=constants, read=read, **texts)


def rule_to_request(rule: ListRule, catalogue: Catalogue) -> dict[str, str]:
    """What asks for a second yes to a list: the columns of its message."""
    read = paths(rule.subject + "\n" + rule.confirm)
    links = {CONFIRM_LINK: catalogue.public_url.rstrip("/") + CONFIRM_PATH} if CONFIRM_URL in read else {}
    sender = rule.code if rule.double == "sms" else catalogue.senders.get(rule.double, "")
    return _row(
        channel=rule.double,
        name="confirm",
        subject=rule.subject,
        body=rule.confirm,
        sender=sender,
        reply_to=catalogue.reply_to if rule.double == EMAIL else "",
        constants=_constants(catalogue.constants, read) | links,
        read=read,
    )


def _row(*, constants: Mapping[str, str], read: Iterable[str], media: str = "[]", **texts: str) -> dict[str, str]:
    """The columns of a message; `read` are the paths of all that its templates read."""
    row = {
        **{
            name: texts.get(name, "")
            for name in ("channel", "name", "subject", "preheader", "body", "sender", "reply_to")
        },
        "media": media,
        "constants": json.dumps(constants, sort_keys=True, ensure_ascii=False),
        "paths": json.dumps([path for path in read if _is_personal(path, constants)]),
    }
    return row | {"hash": content_hash(json.dumps(row, sort_keys=True))}


def _is_of_a_list(send: Send, settings: Settings) -> bool:
    """Whether an e-mail can be unsubscribed from whatever its text says: marketing, and what names a list."""
    return send.channel == EMAIL and bool(settings.message_class == MARKETING or send.list or settings.list)


def _default_sender(channel: str, message_class: str, catalogue: Catalogue) -> str:
    """Who a message comes from that does not say: for a text, the first number provisioned for its class."""
    if channel != "sms":
        return catalogue.senders.get(channel, "")
    codes = (code.number for code in catalogue.codes.values() if message_class in code.classes)
    return next(codes, "")


def _constants(constants: Mapping[str, str], read: Iterable[str]) -> dict[str, str]:
    """The constants that a template reads, so that a change of another one makes no new version."""
    roots = {path.partition(".")[0] for path in read}
    return {name: value for name, value in constants.items() if name in roots}


def _is_personal(path: str, constants: Mapping[str, str]) -> bool:
    return path == UNSUBSCRIBE_URL or path.partition(".")[0] not in constants
