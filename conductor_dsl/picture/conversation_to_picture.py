"""From a bound conversation to its picture: the structure of the text becomes the structure of the drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conductor_dsl.language.bound import (
    Arms,
    BoundChain,
    BoundConversation,
    BoundStep,
    BoundThread,
    Branch,
    Reference,
)
from conductor_dsl.language.bound_to_flow import place_steps
from conductor_dsl.language.flow import Settings
from conductor_dsl.language.step_names import Targets
from conductor_dsl.language.vocabulary import SavedMessage
from conductor_dsl.picture.nouns import Card, Column, Look, Part, Picture, Way
from conductor_dsl.picture.step_to_card import shorten, step_to_card

_LABELS = {"yes": "yes", "no": "no", "came": "it came", "late": "not in time"}
_REENTRY = {"never": "everybody enters once", "restart": "a new reason begins anew"}
LEAVES = "leaves"
"""What stands at a way on which nobody goes on."""


@dataclass(frozen=True, slots=True)
class _Artist:
    """What every part is drawn with: the key of each card by where its step stands, and where jumps lead."""

    conversation: BoundConversation
    saved: Mapping[str, SavedMessage]
    keys: Mapping[int, str]
    targets: Targets

    def key(self, step: BoundStep) -> str:
        """The name of a step's card."""
        return self.keys[step.name_span.start]


def conversation_to_picture(conversation: BoundConversation, saved: Mapping[str, SavedMessage]) -> Picture:
    """The picture of a conversation without errors; texts of saved messages are taken from `saved`."""
    keys = {item.step.name_span.start: step_key(item.number) for item in place_steps(conversation)}
    artist = _Artist(conversation, saved, keys, Targets(conversation))
    columns = tuple(_column(thread, index, artist) for index, thread in enumerate(conversation.threads))
    return Picture(conversation.name, tuple(_notes(conversation.settings)), columns)


def step_key(number: int) -> str:
    """The key of the card of a step of the flow."""
    return f"step{number}"


def out_key(key: str) -> str:
    """The key of the card of those who leave at a card."""
    return f"{key}out"


def door_key(index: int) -> str:
    """The key of the card of those who enter a thread, by the place of the thread."""
    return f"door{index}"


def _notes(settings: Settings) -> Iterator[str]:
    if settings.campaign:
        yield f"campaign “{settings.campaign}”"
    if settings.opens and settings.closes:
        yield f"messages go out {settings.opens}-{settings.closes}"
    for channel, count, period in settings.caps:
        yield f"at most {count} {channel} per {period}"
    if settings.reentry != "always":
        yield _REENTRY.get(settings.reentry, f"again after {settings.reentry} at the earliest")
    for event in settings.exits:
        yield f"{event} ends it"
    if settings.expires:
        yield f"nobody enters from {settings.expires}"


def _column(thread: BoundThread, index: int, artist: _Artist) -> Column:
    door = None
    if thread.trigger:
        written = artist.conversation.source.excerpt(thread.trigger.span)
        door = Card(door_key(index), Look.DOOR, "Enters", shorten(written))
    return Column(thread.name, door, tuple(_parts(thread.chain, thread, artist)))


def _parts(chain: BoundChain | None, thread: BoundThread, artist: _Artist) -> Iterator[Part]:
    for step in chain.steps if chain else ():
        yield _part(step, thread, artist)


def _part(step: BoundStep, thread: BoundThread, artist: _Artist) -> Part:
    card = step_to_card(artist.key(step), step, artist.conversation.source, artist.saved)
    ways = tuple(_ways(step, thread, artist))
    if _is_gate(step) and not ways:
        ways = (Way("no", (Part(Card(out_key(card.key), Look.END, LEAVES), goes_on=False),)),)
    goes_on = not step.leaves and not step.branches_always
    return Part(card, ways, goes_on, _straight(step, ways), _target(step, thread, artist))


def _ways(step: BoundStep, thread: BoundThread, artist: _Artist) -> Iterator[Way]:
    """The branches of a step; one that only passes on is drawn where everybody takes a branch."""
    for name, value in step.phrase.values():
        if isinstance(value, Arms):
            for arm in value.items:
                yield Way(f"{arm.name} {arm.share / 100:g}%", tuple(_parts(arm.branch.chain, thread, artist)))
        elif isinstance(value, Branch) and (value.chain or step.branches_always):
            yield Way(_LABELS.get(name, name.replace("_", " ")), tuple(_parts(value.chain, thread, artist)))


def _is_gate(step: BoundStep) -> bool:
    """Whether those who do not match leave: a condition without a block behind it."""
    return step.name == "when"


def _straight(step: BoundStep, ways: tuple[Way, ...]) -> str:
    if not ways or step.branches_always:
        return ""
    taken = {way.label for way in ways}
    return "yes" if "no" in taken else "no" if "yes" in taken else ""


def _target(step: BoundStep, thread: BoundThread, artist: _Artist) -> str | None:
    for _, value in step.phrase.values():
        if isinstance(value, Reference) and value.kind in ("step", "thread") and step.signature and step.signature.ends:
            found = artist.targets.find(value, thread)
            return artist.key(found) if found else None
    return None
