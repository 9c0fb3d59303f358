"""What must be true of a thing that a plugin gives, beside its type."""

from __future__ import annotations

import re
from typing import Any

from conductor_dsl.language.script_check import ScriptCheck, prefix_of
from conductor_dsl.language.signatures import Effect
from conductor_dsl.language.template_filter import LIQUID_FILTERS, TemplateFilter
from conductor_dsl.language.words import KEPT, RESERVED
from conductor_dsl.plugin.channels import ANY_CHANNEL, ProviderType
from conductor_dsl.plugin.contracts import Exporter, Predicate, StepType
from conductor_dsl.shared.errors import PluginError

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_NO_CHANNELS = RESERVED | KEPT | {"message", "messages", "nothing", "no", "step", "entered"}
"""What a line of a test means by something else, or a script."""
_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def check_gift(item: Any) -> None:
    """Raise PluginError for a thing that cannot be used; whatever a thing that is no such thing raises, too."""
    match item:
        case StepType() | Predicate():
            _check_word(item.signature.name)
            if isinstance(item, StepType):
                _check_effect(item)
        case TemplateFilter():
            _check_filter(item)
        case ScriptCheck():
            if not prefix_of(item.code):
                raise PluginError(f"the code `{item.code}` of a check is not like `SHOP001`, with letters of its own")
        case ProviderType() | Exporter():
            if not _NAME.fullmatch(item.name):
                raise PluginError(f"`{item.name}` cannot be the name of a provider or an exporter")
            if isinstance(item, ProviderType):
                _check_channels(item)


def _check_word(name: str) -> None:
    if not _WORD.fullmatch(name):
        raise PluginError(f"`{name}` is no word: small letters, digits and `_`")
    if name in KEPT | RESERVED:
        raise PluginError(f"the word `{name}` has a meaning of its own in scripts")


def _check_effect(step: StepType) -> None:
    """A function that is called without a word about its effect could be called in a rehearsal, and send."""
    if step.function is not None and step.signature.effect not in (Effect.READS, Effect.SENDS):
        message = f"the step `{step.signature.name}` has a function and does not say what it does to the world"
        raise PluginError(f"{message}: its signature needs `effect=Effect.SENDS` or `Effect.READS`")


def _check_channels(provider: ProviderType) -> None:
    for channel in provider.channels:
        if channel != ANY_CHANNEL and (not _WORD.fullmatch(channel) or channel in _NO_CHANNELS):
            raise PluginError(f"`{channel}` cannot be the name of a channel: a word that means nothing yet")


def _check_filter(each: TemplateFilter) -> None:
    if not _WORD.fullmatch(each.name):
        raise PluginError(f"`{each.name}` cannot be the name of a filter: small letters, digits and `_`")
    if each.name in LIQUID_FILTERS:
        raise PluginError(f"there is a filter `{each.name}` already, without any plugin")
    if each.longest < 1:
        raise PluginError(f"the filter `{each.name}` may give no character at all")
