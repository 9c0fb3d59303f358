"""From the example of a signature to a conversation that could run."""

from __future__ import annotations

from functools import partial

from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.check import check
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Catalogue, Context
from conductor_dsl.language.waivers import FIRM_FAMILIES
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.plugin.host import Host


def text_to_conversation(text: str, host: Host, catalogue: Catalogue) -> BoundConversation:
    """The first conversation of a script; what would keep it from running fails the test.

    What a shop may send, and where, is not the business of an example.
    """
    filters = host.vocabulary.filters
    context = Context(host.vocabulary, catalogue, partial(read_template, filters=filters))
    checked = check(Source("example.cdx", text), context)
    firm = [each for each in checked.report.findings if each.is_error and each.code.startswith(FIRM_FAMILIES)]
    assert not firm, f"{text}\n" + "\n".join(f"{each.code}: {each.message}" for each in firm)
    return checked.conversations[0]
