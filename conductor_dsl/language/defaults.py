"""What a conversation leaves unsaid, and what holds instead: nothing is guessed in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conductor_dsl.language.bound import BoundConversation, BoundPhrase
from conductor_dsl.language.settings import SETTINGS
from conductor_dsl.language.signatures import Option


@dataclass(frozen=True, slots=True)
class Default:
    """Something that is not written: `place` is empty for a setting, else names the thread or the step."""

    place: str
    name: str
    value: str
    meaning: str


def conversation_defaults(conversation: BoundConversation) -> tuple[Default, ...]:
    """The settings that the head leaves out, then the options of triggers, then those of steps, each word once."""
    return (*_settings(conversation), *_triggers(conversation), *_steps(conversation))


def _settings(conversation: BoundConversation) -> Iterator[Default]:
    written = {setting.name for setting in conversation.written}
    for name, signature in SETTINGS.items():
        if name not in written:
            zone = f'contact else "{conversation.settings.zone}"'
            yield Default("", name, zone if name == "timezone" else signature.default, signature.summary)


def _triggers(conversation: BoundConversation) -> Iterator[Default]:
    for thread in conversation.threads:
        if thread.trigger:
            place = f'thread "{thread.name}"'
            yield from _options(place, thread.trigger.signature.options, [thread.trigger.phrase])


def _steps(conversation: BoundConversation) -> Iterator[Default]:
    steps = [step for step in conversation.steps() if step.signature]
    for name, signature in {step.name: step.signature for step in steps}.items():
        phrases = [step.phrase for step in steps if step.name == name]
        yield from _options(name, signature.options if signature else (), phrases)


def _options(place: str, options: Iterable[Option], phrases: list[BoundPhrase]) -> Iterator[Default]:
    """The options with a default that at least one of the phrases leaves out."""
    for option in options:
        if option.default and not all(phrase.option(option.keyword) for phrase in phrases):
            yield Default(place, option.keyword, option.default, option.doc)
