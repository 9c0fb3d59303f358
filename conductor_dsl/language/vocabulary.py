"""What the checker knows: the words of the plugins, and the things of the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from conductor_dsl.language.ast import EventDeclaration, FieldDeclaration, SegmentDeclaration
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.script_check import ScriptCheck
from conductor_dsl.language.signatures import PredicateSignature, StepSignature, TriggerSignature
from conductor_dsl.language.source import Source
from conductor_dsl.language.template_filter import Filters
from conductor_dsl.shared.rules import NO_RULES, Rules

CONTACT_FIELDS: Mapping[str, ValueType] = MappingProxyType(
    {
        "key": ValueType.TEXT,
        "email": ValueType.EMAIL,
        "mobile": ValueType.PHONE,
        "first_name": ValueType.TEXT,
        "last_name": ValueType.TEXT,
        "zone": ValueType.ZONE,
    }
)
"""The fields every contact has; the rest is declared with `field`."""

_PRODUCT = MappingProxyType(
    {
        "sku": ValueType.TEXT,
        "name": ValueType.TEXT,
        "price": ValueType.NUMBER,
        "stock": ValueType.NUMBER,
        "url": ValueType.TEXT,
        "image": ValueType.TEXT,
    }
)

RECORDS: Mapping[str, Mapping[str, ValueType | None]] = MappingProxyType(
    {
        "product": MappingProxyType({**_PRODUCT, "lasts": ValueType.TEXT}),
        "cart": MappingProxyType(
            {"cart_id": ValueType.TEXT, "total": ValueType.NUMBER, "url": ValueType.TEXT, "status": ValueType.TEXT}
        ),
    }
)
"""What tests tell of products and carts, by the names of their fields. Those of a contact are its declared fields."""

EVENTS: Mapping[str, Mapping[str, ValueType | None]] = MappingProxyType(
    {
        "order.placed": MappingProxyType(
            {
                "order_id": ValueType.TEXT,
                "total": ValueType.NUMBER,
                "placed_at": ValueType.INSTANT,
                "items": None,
                "cart_id": ValueType.TEXT,
            }
        ),
        "subscribed": MappingProxyType({"list": ValueType.TEXT, "first": ValueType.BOOLEAN}),
        "unsubscribed": MappingProxyType({"list": ValueType.TEXT}),
        "changed": MappingProxyType({"field": ValueType.TEXT, "value": ValueType.TEXT, "before": ValueType.TEXT}),
        "address.changed": MappingProxyType(
            {"field": ValueType.TEXT, "value": ValueType.TEXT, "before": ValueType.TEXT}
        ),
        "opened": MappingProxyType({"conversation": ValueType.TEXT, "step": ValueType.TEXT}),
        "clicked": MappingProxyType({"conversation": ValueType.TEXT, "step": ValueType.TEXT, "link": ValueType.TEXT}),
        "sms.received": MappingProxyType({"text": ValueType.TEXT, "code": ValueType.TEXT, "keyword": ValueType.TEXT}),
        "subscription.confirmed": MappingProxyType({"list": ValueType.TEXT}),
        "product.viewed": MappingProxyType({"sku": ValueType.TEXT}),
        "alert.requested": MappingProxyType({"sku": ValueType.TEXT}),
        "cart.abandoned": MappingProxyType(
            {"cart_id": ValueType.TEXT, "total": ValueType.NUMBER, "url": ValueType.TEXT, "items": None}
        ),
        "back_in_stock": _PRODUCT,
        "low_stock": _PRODUCT,
        "price_drop": MappingProxyType({**_PRODUCT, "was": ValueType.NUMBER, "percent": ValueType.NUMBER}),
        "replenish": MappingProxyType({**_PRODUCT, "bought_at": ValueType.INSTANT, "quantity": ValueType.NUMBER}),
    }
)
"""The events every project has, with the types of their fields; None is a list, which only templates read. The rest
is declared with `event`."""

ANSWERED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType({"cart.abandoned": ("order.placed",)})
"""The events after which nobody needs to hear of another any more."""


@dataclass(frozen=True, slots=True)
class SavedMessage:
    """A file of `messages/`: `channel` is `email` or `sms`, `status` `ready` or `draft`.

    `message_class` is the class it is meant for, such as `marketing`, or empty.
    """

    name: str
    channel: str
    subject: str
    body: str
    status: str = "ready"
    preheader: str = ""
    sender: str = ""
    path: str = ""
    message_class: str = ""


CONFIRM_URL = "confirm_url"
"""What a message reads that asks somebody to confirm: the address at which that is done."""
TEXTS, CODE, EVERYTHING = REVOKES = ("texts", "code", "everything")
"""What a STOP to a code can end: all texts, those from this code, or all messages of any kind."""


@dataclass(frozen=True, slots=True)
class ShortCode:
    """A number messages are sent from, the classes it is provisioned for, and the word people text it to subscribe.

    `frequency` is what people were told when they subscribed, such as `4 per 1mo`; empty where nothing was said.
    `answers` are what STOP, HELP and START are answered with, by `stop`, `help` and `start`; `revokes` is what a STOP
    ends, one of `REVOKES`.
    `per_second` is how many segments may leave in a second; 0 for as many as the provider takes.
    """

    number: str
    classes: tuple[str, ...]
    keyword: str = ""
    frequency: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    revokes: str = "texts"
    per_second: int = 0


@dataclass(frozen=True, slots=True)
class ListRule:
    """What a list asks of those who want to join it, beside their yes.

    `double` is the channel, `sms` or `email`, by which they are asked once more, with `subject` and `confirm`; the text
    comes from `code`. It is empty where one yes is enough. Nobody younger than `min_age` gets anything, by the date in
    the field `birth`; 0 is for everybody.
    """

    name: str
    double: str = ""
    code: str = ""
    subject: str = ""
    confirm: str = ""
    min_age: int = 0
    birth: str = ""


@dataclass(frozen=True, slots=True)
class CouponPool:
    """A store of codes: `warn_below` codes left, `notify` is told; a code is not given in the last `cutoff` before it
    expires.
    """

    name: str
    warn_below: int = 0
    notify: str = ""
    cutoff: str = "0d"


@dataclass(frozen=True, slots=True)
class VariableUse:
    """A variable that a template reads; `offset` counts characters in the template."""

    path: str
    offset: int
    has_default: bool


@dataclass(frozen=True, slots=True)
class TemplateReading:
    """What a template reads, or why it cannot be read: `problem` with `problem_offset`."""

    variables: tuple[VariableUse, ...] = ()
    problem: str | None = None
    problem_offset: int = 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The things of a project that references can name, and the constants that templates can read.

    `senders` gives by channel who messages come from unless a step or a saved message says otherwise, `reply_to` where
    the answers to e-mails go, `unsubscribe_to` where people may write to leave a list. `text_header` and `text_footer`
    are templates that stand round marketing texts, see `complete_text`; `rules` hold for all conversations.
    `has_settings` is False where no `conductor.toml` says what there is.
    """

    saved: Mapping[str, SavedMessage] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    list_rules: tuple[ListRule, ...] = ()
    codes: Mapping[str, ShortCode] = field(default_factory=dict)
    pools: Mapping[str, CouponPool] = field(default_factory=dict)
    webhook_hosts: tuple[str, ...] = ()
    webhook_private: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    senders: Mapping[str, str] = field(default_factory=dict)
    reply_to: str = ""
    unsubscribe_to: str = ""
    text_header: str = ""
    text_footer: str = ""
    rules: Rules = NO_RULES
    zone: str = "UTC"
    country: str = "US"
    public_url: str = ""
    has_settings: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every step, predicate and trigger there is, by name; what plugins add to templates and to the checks."""

    steps: Mapping[str, StepSignature]
    predicates: Mapping[str, PredicateSignature]
    triggers: Mapping[str, TriggerSignature]
    filters: Filters = ()
    checks: tuple[ScriptCheck, ...] = ()
    channels: tuple[str, ...] = ()
    """The channels of plugins, beside those that Conductor itself knows something of."""


@dataclass(frozen=True, slots=True)
class SharedItem:
    """A declaration of another script of the project, which this one may use as its own."""

    item: FieldDeclaration | EventDeclaration | SegmentDeclaration
    source: Source


@dataclass(frozen=True, slots=True)
class Context:
    """All that checking a script needs beside the script.

    `shared` holds what the other scripts of the project declare, `conversations` the conversations there, each by its
    name with the place where it stands, such as `winback.cdx:3`.
    """

    vocabulary: Vocabulary
    catalogue: Catalogue
    read_template: Callable[[str], TemplateReading]
    shared: tuple[SharedItem, ...] = ()
    conversations: Mapping[str, str] = field(default_factory=dict)
