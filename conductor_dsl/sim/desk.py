"""The desk of the simulated provider: what is asked, and what is answered, without a word of HTTP."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from conductor_dsl.shared.clock import Clock
from conductor_dsl.sim import twilio
from conductor_dsl.sim.book import Book
from conductor_dsl.sim.message import Message
from conductor_dsl.sim.plan import Fault, Plan, Telling, is_shown, state_of, status_and_code
from conductor_dsl.sim.teller import Teller

_MOST_FIELDS = 1_000
_QUEUED = Telling(0, "queued")


class Asked(NamedTuple):
    """A request; the names of `headers` in lower case."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """An answer as JSON, and what shall go wrong while it is given."""

    status: int
    said: Mapping[str, Any]
    fault: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers: the account with its secret, and where messages from people go."""

    book: Book
    plan: Plan
    clock: Clock
    teller: Teller
    account: str
    token: str
    inbound_to: str = ""

    def answer(self, asked: Asked) -> Reply:
        """The answer to a request; ValueError where its body cannot be read."""
        match asked.method, asked.path.strip("/").split("/"):
            case "GET", ["summary"]:
                return Reply(200, self.book.summary())
            case "POST", ["inbound"]:
                return self._inbound(_form(asked))
            case "POST", ["messages"]:
                return self._send_json(asked)
            case "GET", ["messages", key]:
                return self._look_up_json(key)
            case method, [twilio.VERSION, "Accounts", account, *rest]:
                return self._twilio(method, account, rest, asked)
        return Reply(404, {"message": "there is nothing here"})

    def _twilio(self, method: str, account: str, rest: Sequence[str], asked: Asked) -> Reply:
        if not self._is_known(asked.headers.get("authorization", "")):
            return Reply(401, twilio.to_error(401, 20003))
        match method, [account, *rest]:
            case "POST", [self.account, "Messages.json"]:
                return self._send_form(_form(asked))
            case "GET", [self.account, "Messages.json"]:
                found = [self._resource(each) for each in self.book.to(_recipient(asked)) if self._shows(each)]
                return Reply(200, twilio.to_page(asked.path, asked.query, found))
            case "GET", [self.account, "Messages", name]:
                message = self.book.by_id(name.removesuffix(".json"))
                if message is not None:
                    return Reply(200, self._resource(message))
        return Reply(404, twilio.to_error(404, 20404))

    def _is_known(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        try:
            pair = b64decode(given, validate=True) if scheme.lower() == "basic" else b""
        except ValueError:
            pair = b""
        return compare_digest(pair, f"{self.account}:{self.token}".encode())

    def _send_form(self, form: Mapping[str, Sequence[str]]) -> Reply:
        message = twilio.form_to_message(form)
        taken = self.book.take(message, once=False, refused=twilio.refusal(form, message))
        if taken.message is None:
            return self._refused(taken.fault)
        self.teller.plan(taken.message)
        return Reply(201, twilio.to_resource(self.account, taken.message, _QUEUED), taken.fault)

    def _send_json(self, asked: Asked) -> Reply:
        message = _json_to_message(asked)
        taken = self.book.take(message, once=True)
        if taken.message is None:
            return self._refused(taken.fault)
        return Reply(200 if taken.again else 201, self._kept(taken.message), taken.fault)

    def _look_up_json(self, key: str) -> Reply:
        message = self.book.by_key(key)
        if message is None or not self._shows(message):
            return Reply(404, {"message": "no message has this key"})
        return Reply(200, self._kept(message))

    def _inbound(self, form: Mapping[str, Sequence[str]]) -> Reply:
        message = twilio.form_to_message(form)
        url = (form.get("Url") or [self.inbound_to])[0]
        if not message.to or not message.sender or not url:
            return Reply(400, {"message": "a message from a person has From, To and Body, and an address to go to"})
        kept = self.book.hear(message)
        told = self.teller.call(url, twilio.inbound_fields(self.account, kept))
        return Reply(200, {"sid": kept.id, "answer": told})

    def _refused(self, fault: str) -> Reply:
        if fault == Fault.DROPPED:
            return Reply(0, {}, fault)
        if fault == Fault.THROTTLED:
            after = ("Retry-After", str(self.plan.retry_after))
            return Reply(429, twilio.to_error(429, 20429), headers=(after,))
        status, code = status_and_code(fault)
        return Reply(status, twilio.to_error(status, code) if code else {"message": "simulated error"})

    def _shows(self, message: Message) -> bool:
        return is_shown(self.plan, message, self.clock.now())

    def _resource(self, message: Message) -> dict[str, Any]:
        return twilio.to_resource(self.account, message, state_of(self.plan, message, self.clock.now()))

    def _kept(self, message: Message) -> dict[str, Any]:
        state = state_of(self.plan, message, self.clock.now())
        return {"id": message.id, "key": message.key, "status": state.state, "code": state.code}


def _recipient(asked: Asked) -> str:
    return (asked.query.get("To") or [""])[0]


def _form(asked: Asked) -> dict[str, list[str]]:
    return parse_qs(asked.body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)


def _json_to_message(asked: Asked) -> Message:
    said, key = json.loads(asked.body), asked.headers.get("idempotency-key", "")
    if not isinstance(said, dict) or not key:
        raise ValueError("a message is a JSON object, and has an Idempotency-Key")
    texts = [said.get(name, "") for name in ("to", "from", "text")]
    if not all(isinstance(text, str) for text in texts) or not texts[0]:
        raise ValueError("a message has the texts `to`, `from` and `text`")
    return Message(key, *texts)
