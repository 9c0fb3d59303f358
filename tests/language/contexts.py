"""A project for tests of the language: what its scripts may name."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from conductor_dsl.language.check import Checked, check
from conductor_dsl.language.diagnostics import Diagnostic, Severity
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Catalogue, Context, CouponPool, SavedMessage, ShortCode
from conductor_dsl.language.waivers import FIRM_FAMILIES
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.plugin.host import build_host

LAW = "<p><a href='{{ unsubscribe_url }}'>Unsubscribe</a> {{ postal_address }}</p>"
"""What the law wants below an e-mail."""
SAVED = (
    SavedMessage("Winback1", "email", "We miss you", "Hello {{ first_name | default: 'friend' }}" + LAW),
    SavedMessage("Winback2", "email", "We miss you", "Hello {{ first_name }}" + LAW),
    SavedMessage("WinbackGold", "email", "We miss you", "Hello" + LAW),
    SavedMessage("LastCall", "email", "Last call", "Hello" + LAW),
    SavedMessage("Spring", "email", "Spring", "Hello", status="draft", path="messages/Spring.html"),
    SavedMessage("Broken", "email", "Hi", "Hello {{ first_name "),
    SavedMessage("Misspelt", "email", "Hi {{ frist_name }}", "Hello"),
    SavedMessage("Text1", "sms", "", "Hello"),
    SavedMessage("Unlawful", "email", "Hello", "Hello {{ unsubscribe_url }}"),
    SavedMessage("Foreign", "email", "Hello", "Hello" + LAW, sender="Shop <hello@other.example>"),
    SavedMessage("Heavy", "email", "Hello", "x" * 110_000 + LAW),
)
CONSTANTS = {
    "brand": "Shop",
    "shop_url": "https://shop.example",
    "unsubscribe_url": "https://shop.example/u",
    "postal_address": "Shop, 1 Main Street, Portland, ME 04101",
}
ELSEWHERE = "# Where conductor.toml"
"""What a script begins with that is about another project: one that leaves to its scripts what the law wants."""


@cache
def project() -> Context:
    """A project with saved messages, lists and codes."""
    catalogue = Catalogue(
        saved={message.name: message for message in SAVED},
        lists={"Customers": "everybody who bought", "Winback texts": "text messages", "News": "newsletter"},
        codes={
            "34567": ShortCode("34567", ("marketing", "alert")),
            "98765": ShortCode("98765", ("transactional",)),
        },
        pools={"WB20": CouponPool("WB20")},
        webhook_hosts=("hooks.shop.example",),
        webhook_private=("localhost:8443",),
        constants=CONSTANTS,
        text_header="{{ brand }}:",
        text_footer="Reply STOP to opt out.",
        zone="America/New_York",
        has_settings=True,
    )
    return Context(build_host().vocabulary, catalogue, read_template)


@cache
def strict_project() -> Context:
    """The project without header and footer, with an unsafe link, a promise of how often it writes, and a sender."""
    catalogue = replace(
        project().catalogue,
        codes={"34567": ShortCode("34567", ("marketing",), frequency="2 per 7d")},
        constants={name: value.replace("https", "http") for name, value in CONSTANTS.items() if name != "shop_url"},
        senders={"email": "Shop <hello@shop.example>"},
        text_header="",
        text_footer="",
    )
    return replace(project(), catalogue=catalogue)


@cache
def bare_folder() -> Context:
    """A folder without settings and saved messages."""
    return Context(build_host().vocabulary, Catalogue(), read_template)


def check_text(text: str, name: str = "winback.cdx") -> Checked:
    """Check a text as a script of the project."""
    return check(Source(name, text), strict_project() if text.startswith(ELSEWHERE) else project())


def findings(text: str) -> list[tuple[str, str]]:
    """The codes and messages of all findings, in the order of the text."""
    return [(finding.code, finding.message) for finding in check_text(text).report.findings]


def is_broken(finding: Diagnostic) -> bool:
    """Whether a script with this finding is of no use as an example of anything else."""
    return finding.is_error and finding.code.startswith(FIRM_FAMILIES)


def complaints(text: str, code: str = "") -> list[str]:
    """The codes of what is said against a text: errors and warnings about its language, and all with the code given.

    The rest is about what a shop may send, of which no example can speak that is about something else.
    """
    found = check_text(text).report.findings
    firm = [each for each in found if each.severity is not Severity.INFO and each.code.startswith(FIRM_FAMILIES)]
    return [each.code for each in found if each in firm or each.code == code]


def hints(text: str) -> list[str | None]:
    """The hints of all findings, in the order of the text."""
    return [finding.hint for finding in check_text(text).report.findings]
