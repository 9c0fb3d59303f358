"""A project for tests of the language: what its scripts may name."""

from __future__ import annotations

from functools import cache

from conductor_dsl.language.check import Checked, check
from conductor_dsl.language.diagnostics import Diagnostic, Severity
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Catalogue, Context, CouponPool, SavedMessage, ShortCode
from conductor_dsl.language.waivers import FIRM_FAMILIES
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.plugin.host import build_host

SAVED = (
    SavedMessage("Winback1", "email", "We miss you", "Hello {{ first_name | default: 'friend' }}"),
    SavedMessage("Winback2", "email", "We miss you", "Hello {{ first_name }}"),
    SavedMessage("WinbackGold", "email", "We miss you", "Hello"),
    SavedMessage("LastCall", "email", "Last call", "Hello"),
    SavedMessage("Spring", "email", "Spring", "Hello", status="draft", path="messages/Spring.html"),
    SavedMessage("Broken", "email", "Hi", "Hello {{ first_name "),
    SavedMessage("Misspelt", "email", "Hi {{ frist_name }}", "Hello"),
    SavedMessage("Text1", "sms", "", "Hello"),
)
CONSTANTS = {"brand": "Shop", "shop_url": "https://shop.example", "unsubscribe_url": "https://shop.example/u"}


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
        constants=CONSTANTS,
        zone="America/New_York",
        has_settings=True,
    )
    return Context(build_host().vocabulary, catalogue, read_template)


@cache
def bare_folder() -> Context:
    """A folder without settings and saved messages."""
    return Context(build_host().vocabulary, Catalogue(), read_template)


def check_text(text: str, name: str = "winback.cdx") -> Checked:
    """Check a text as a script of the project."""
    return check(Source(name, text), project())


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
