"""Tests in a script, played: what became of each line."""

from __future__ import annotations

from functools import cache

from conductor_dsl.language.check import check
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Catalogue, Context, CouponPool, SavedMessage, ShortCode
from conductor_dsl.language.waivers import FIRM_FAMILIES
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.runtime.ingest.nouns import ImportOptions
from conductor_dsl.runtime.rehearse.nouns import Outcome
from conductor_dsl.runtime.rehearse.rehearse import Part, rehearse
from conductor_dsl.shared.clock import VirtualClock

CATALOGUE = Catalogue(
    saved={
        "Winback1": SavedMessage("Winback1", "email", "We miss you", "Hello {{ first_name | default: 'friend' }}"),
        "Gold": SavedMessage("Gold", "email", "For you", "Only for you"),
    },
    lists={"News": "newsletter", "Texts": "texts", "email": "e-mails", "sms": "texts"},
    codes={"34567": ShortCode("34567", ("marketing",))},
    pools={"WB20": CouponPool("WB20")},
    webhook_hosts=("hook.example",),
    senders={"email": "Shop <shop@shop.example>"},
    has_settings=True,
)


@cache
def host() -> Host:
    """The first-party plugins."""
    return build_host()


def part_of(text: str) -> Part:
    """A script with its tests; nothing may keep it from running."""
    checked = check(Source("shop.cdx", text), Context(host().vocabulary, CATALOGUE, read_template))
    wrong = [each for each in checked.report.findings if each.is_error and each.code.startswith(FIRM_FAMILIES)]
    assert not wrong, wrong
    options = ImportOptions(fields=checked.conversations[0].fields)
    return Part(checked.report.source, checked.tests, checked.conversations, CATALOGUE, options)


def play(text: str) -> list[Outcome]:
    """How the tests of a script go."""
    return list(rehearse([part_of(text)], host(), VirtualClock(0)))


def failures(text: str) -> list[tuple[str, str]]:
    """What was expected, and what came instead, of the only test of a script."""
    [outcome] = play(text)
    return [(failure.expected, failure.got) for failure in outcome.failures]
