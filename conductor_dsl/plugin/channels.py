"""What a plugin that carries messages works with: what goes out, what is answered, what is heard later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from conductor_dsl.shared.clock import Clock, SystemClock

if TYPE_CHECKING:  # checking a script asks plugins for their words only, and need not wait for SQLAlchemy
    import sqlalchemy as sa

WEBHOOK = "webhook"
"""The channel by which other programs are called."""
NOT_ACCEPTED = "not_accepted"
"""The code of a transient receipt for a message that was not even begun: it may leave again at once, and that is no
failure of the message."""
ANY_CHANNEL = "*"
"""Among the channels of a provider: every one that a plugin adds."""
OUTCOME_UNKNOWN = "outcome_unknown"
"""The code of a message of which its provider cannot tell, now or later, what became of it."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Verdict(StrEnum):
    """What a provider says of one message."""

    ACCEPTED = "accepted"
    """It will carry the message."""
    DELIVERED = "delivered"
    """The message is with its reader."""
    UNDELIVERED = "undelivered"
    """It had accepted the message, and could not deliver it."""
    REJECTED = "rejected"
    """It certainly does not carry the message, and would not if it were asked again."""
    TRANSIENT = "transient"
    """It certainly does not carry the message, and might if it were asked again."""
    AMBIGUOUS = "ambiguous"
    """Nobody knows whether it carries the message."""


class Mark(StrEnum):
    """What a receipt tells of the address beyond its message."""

    NONE = ""
    INVALID = "invalid"
    """There is no such address: nothing is sent to it any more."""
    DEAD = "dead"
    """Nobody seems to be behind the address: nothing is sent to it once that has been said twice within 30 days."""
    COMPLAINED = "complained"
    """Its owner has called a message spam: nothing is sent to it any more."""
    OPTED_OUT = "opted_out"
    """Its owner has told the provider to send nothing more."""
    BLOCKED = "blocked"
    """Its owner or carrier takes nothing from this sender."""


class Outgoing(NamedTuple):
    """One message as a provider gets it; a tuple, for there are many.

    `valid_for` is in milliseconds, `key` is the idempotency key. A webhook has the address in `to` and a JSON object in
    `text`; `media` are the addresses of the pictures of a text message. After the instant `begin_by`, 0 for none, a
    provider is not handed the message any more: another node may have it by the time that it leaves.
    """

    key: str
    channel: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    valid_for: int
    contact: str
    conversation: str
    step: str
    headers: Mapping[str, str] = NO_HEADERS
    media: tuple[str, ...] = ()
    begin_by: int = 0


class Receipt(NamedTuple):
    """What became of one message; `code` is the provider's own word, for the reader.

    `key` may be empty in a receipt that comes later, if `provider_id` says which message it is; the receipt that
    answered the message then had `by_id`. `retry_after` is in milliseconds: how long the provider wants to be left
    alone, by everybody with the same sender; a message that had to go back for that has not failed.
    """

    key: str
    verdict: Verdict
    provider_id: str = ""
    code: str = ""
    detail: str = ""
    mark: Mark = Mark.NONE
    retry_after: int = 0
    by_id: bool = False


class Inbound(NamedTuple):
    """A message from a person, to one of our senders; a tuple, for there may be many.

    `key` is the provider's own name for it, by which it is taken once only; `at` is an instant in milliseconds, 0 where
    the provider does not say.
    """

    key: str
    channel: str
    sender: str
    to: str
    text: str
    at: int = 0
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a provider tells by itself: of messages it has accepted, and from people."""

    receipts: tuple[Receipt, ...] = ()
    inbound: tuple[Inbound, ...] = ()


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A call of a provider's to our address: `url` as it was called, the names of `headers` in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What a provider is answered, once what it told has been stored."""

    heard: Heard = Heard()
    body: str = ""
    content_type: str = "text/plain"


class ForgedError(Exception):
    """A call that does not come from the provider, or was changed on its way; the text is for the log."""


class ChannelProvider(Protocol):
    """Something that carries messages of one or more channels, in batches."""

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Try to send every message; one receipt for each, in any order.

        A message without a receipt, and every message of a call that raises, counts as ambiguous. A node has 12 s for
        a batch: what cannot be begun in time is given back as transient with the code `NOT_ACCEPTED`.
        """

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What became of earlier messages; a key that is left out was certainly not accepted. None: cannot tell.

        A provider whose receivers take a key once only, however often it comes, may leave out what it does not know.
        A key whose receipt is AMBIGUOUS is asked for again later, unless its code is OUTCOME_UNKNOWN.
        """

    def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Recaller(Protocol):
    """What a provider gives beside, if it keeps in the project's database what it needs to look messages up.

    A database that was put back from a backup has forgotten that, too, and `look_up` would take for not accepted what
    has only been forgotten.
    """

    def recall(self, batch: Sequence[Outgoing], since: int) -> Mapping[str, Receipt] | None:
        """What became of messages that may have left since an instant, in milliseconds; answers as `look_up` does."""


@dataclass(frozen=True, slots=True)
class ProviderSetting:
    """What a provider is built from: its table in `conductor.toml`, the project's folder, the database.

    `hear` stores what the provider was told at any time, from any thread; once it returns, that is not lost.
    `callback_url` is the address at which the provider's `answer` is asked, empty where nobody listens. A webhook may
    call `hosts`, and the places (`localhost:8443`) of `private`, which alone may lie inside a network. `clock` is
    the one by which the engine goes; the machine's own may be wrong.
    """

    options: Mapping[str, Any]
    folder: str
    engine: sa.Engine
    echo: Callable[[str], None]
    hear: Callable[[Heard], None] = lambda _heard: None
    callback_url: str = ""
    hosts: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True, slots=True)
class ProviderType:
    """A kind of provider: its name in `conductor.toml`, its channels, and how to build one.

    `forget` deletes what the provider keeps on this machine of the messages with these keys, if it keeps anything.
    `answer` takes a call to the provider's address at `conductor serve`; it raises ForgedError for a false one and
    ValueError for one that makes no sense. `live` is False for one by which nothing leaves the machine: rehearsals
    build no other. A channel that is named here exists, with a table of its name in `conductor.toml`.
    """

    name: str
    channels: tuple[str, ...]
    build: Callable[[ProviderSetting], ChannelProvider]
    summary: str = ""
    answer: Callable[[ProviderSetting, WebRequest], WebAnswer] | None = None
    live: bool = True
    forget: Callable[[ProviderSetting, Sequence[str]], None] | None = None

    def carries(self, channel: str) -> bool:
        """Whether it is for a channel."""
        return channel in self.channels or ANY_CHANNEL in self.channels
