"""From a project's folder to a node that runs its conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.check import Checked
from conductor_dsl.plugin.channels import WEBHOOK, ChannelProvider, ProviderSetting, ProviderType
from conductor_dsl.plugin.host import Host
from conductor_dsl.plugin.rehearsed import rehearsed
from conductor_dsl.plugin.workshop import Limits, Workshop
from conductor_dsl.project.catalogue import load_catalogue, require_channels
from conductor_dsl.project.check_scripts import check_scripts
from conductor_dsl.project.find_scripts import find_scripts
from conductor_dsl.project.settings import ChannelSettings, Settings
from conductor_dsl.runtime.carry.bounded import Bounded
from conductor_dsl.runtime.carry.breaker import Breaker
from conductor_dsl.runtime.carry.failover import Failover
from conductor_dsl.runtime.carry.fence import Fenced
from conductor_dsl.runtime.carry.pace import Paced
from conductor_dsl.runtime.carry.recall import Recalling, Wary
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.doorbell import ring
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.runtime.errands import Errands
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.runtime.prune import plan_duties
from conductor_dsl.runtime.publish import Published, Script, publish
from conductor_dsl.runtime.recover import Lost, wary_until
from conductor_dsl.runtime.settling import settling_on
from conductor_dsl.shared.clock import SECOND, Clock, Instant, VirtualClock
from conductor_dsl.shared.errors import ConductorError, blamed
from conductor_dsl.shared.nearest import did_you_mean
from conductor_dsl.store.connect import one_at_a_time, reading
from conductor_dsl.store.recoveries import latest_recovery


@dataclass(frozen=True, slots=True)
class Voice:
    """Where a node tells what it does: providers by `echo`, batches by `announce`."""

    echo: Callable[[str], None]
    announce: Callable[[Done], None]


LOOK_EVERY = 10 * SECOND
"""How often a node of a cluster looks for what it was not told of. Within a lease, so that it knows when that of every
other node runs out before it does, and takes over at once."""
FALLBACK = "-fallback"
"""What the name of a channel has behind it where its second provider is meant."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who carries the messages of a channel: a kind of provider, with what one is built from."""

    type: ProviderType
    setting: ProviderSetting
    fallback: Carrier | None = None
    fallback_sender: str = ""

    def open(self, clock: Clock, paces: Mapping[str, int]) -> ChannelProvider:
        """The provider: bounded, fenced, left alone in trouble, with one that stands in for it, kept to its pace."""
        with blamed(f"the provider `{self.type.name}`"):
            built: ChannelProvider = self.type.build(self.setting)
        bounded = Bounded(built, self.type.name, self.setting.echo) if self.type.live else built
        provider: ChannelProvider = Breaker(self._wary(built, Fenced(bounded, clock), clock), clock)
        if self.fallback:
            provider = Failover(provider, self.fallback.open(clock, {}), self.fallback_sender)
        return Paced(provider, self.setting.engine, clock, paces) if paces else provider

    def recalling(self, clock: Clock, since: Instant, until: Instant) -> ChannelProvider:
        """The provider, or both, as who sends nothing and says what left between two instants."""
        with blamed(f"the provider `{self.type.name}`"):
            first = Recalling(self.type.build(self.setting), clock, since, until)
        if self.fallback is None:
            return first
        return Failover(first, self.fallback.recalling(clock, since, until), self.fallback_sender)

    def _wary(self, built: ChannelProvider, fenced: ChannelProvider, clock: Clock) -> ChannelProvider:
        """The provider behind its fence; for a while after a recovery it is asked, as it was built, before it sends."""
        with reading(self.setting.engine) as connection:
            last = latest_recovery(connection)
        if last is None or last.era is None or clock.now() >= wary_until(last):
            return fenced
        return Wary(fenced, clock, asked=built, since=last.since_at, until=wary_until(last), era=last.era)


def open_node(settings: Settings, host: Host, engine: sa.Engine, clock: Clock, voice: Voice) -> Node:
    """A node over the project's database, with the providers of its settings.

    Raises ConductorError for a provider that no plugin gives, or that does not carry the channel.
    """
    carriers = carriers_of(settings, host, engine, clock, voice.echo)
    return node_of(settings, host, engine, clock, carriers=carriers, announce=voice.announce)


def node_of(
    settings: Settings,
    host: Host,
    engine: sa.Engine,
    clock: Clock,
    *,
    carriers: Mapping[str, Carrier],
    announce: Callable[[Done], None],
) -> Node:
    """A node over the project's database, with these carriers."""
    paces = {"sms": settings.paces}
    providers = {channel: carrier.open(clock, paces.get(channel, {})) for channel, carrier in carriers.items()}
    look_every = LOOK_EVERY if engine.dialect.name == "postgresql" else None
    node = Node(engine, Shelf(host), providers, clock, batch=settings.batch, look_every=look_every, announce=announce)
    node = replace(node, rules=settings.rules, settling=settling_on(engine))
    return replace(node, minder=clock) if isinstance(clock, EngineClock) else node


def recalling_node(
    settings: Settings,
    host: Host,
    engine: sa.Engine,
    clock: VirtualClock,
    *,
    carriers: Mapping[str, Carrier],
    lost: Lost,
    announce: Callable[[Done], None],
) -> Node:
    """A node that goes through the time that was lost, on a clock that is moved, and sends nothing.

    It calls no function of a plugin that does more than read: it did so then.
    """
    providers = {name: carrier.recalling(clock, lost.since, lost.until) for name, carrier in carriers.items()}
    quiet = replace(host, steps=rehearsed(host).steps)
    node = Node(engine, Shelf(quiet), providers, clock, batch=settings.batch, announce=announce)
    return replace(node, rules=settings.rules)


def with_workshop(node: Node, settings: Settings) -> Node:
    """The node, with a process of its own for the functions of steps; not for rehearsals, which call few of them."""
    limits = Limits(settings.call_seconds, settings.call_megabytes)
    return replace(node, errands=Errands(Workshop(limits)))


def carriers_of(
    settings: Settings, host: Host, engine: sa.Engine, clock: Clock, echo: Callable[[str], None]
) -> dict[str, Carrier]:
    """Who carries the messages of each channel, and where they put what they are told."""
    hear = listener(engine, clock, partial(ring, engine))
    folder, root = str(settings.folder), settings.public_url.rstrip("/")
    hosts, private = settings.webhook_hosts, settings.webhook_private

    def carrier(channel: str, wanted: ChannelSettings, name: str) -> Carrier:
        url = f"{root}/callbacks/{name}" if root else ""
        setting = ProviderSetting(wanted.options, folder, engine, echo, hear, url, hosts, private, clock)
        other = wanted.fallback
        second = carrier(channel, other, name + FALLBACK) if other else None
        return Carrier(_find(channel, wanted.provider, host), setting, second, other.sender if other else "")

    return {channel: carrier(channel, wanted, channel) for channel, wanted in _channels(settings, host).items()}


def by_callback(carriers: Mapping[str, Carrier]) -> dict[str, Carrier]:
    """The carriers by the last word of their callback addresses, with those that stand in for others."""
    seconds = {name + FALLBACK: carrier.fallback for name, carrier in carriers.items() if carrier.fallback}
    return {**carriers, **(by_callback(seconds) if seconds else {})}


def _channels(settings: Settings, host: Host) -> dict[str, ChannelSettings]:
    require_channels(settings, host.vocabulary.channels)
    own = {"sms": settings.sms, "email": settings.email, WEBHOOK: settings.webhook}
    return own | {name: settings.channels.get(name, ChannelSettings()) for name in host.vocabulary.channels}


def require_providers(settings: Settings, host: Host) -> None:
    """Raise ConductorError for a provider that no plugin gives; asked before a database is touched."""
    for channel, wanted in _channels(settings, host).items():
        _find(channel, wanted.provider, host)
        if wanted.fallback:
            _find(channel, wanted.fallback.provider, host)


def _find(channel: str, name: str, host: Host) -> ProviderType:
    known = {each.name: each for each in host.providers.values() if each.carries(channel)}
    if name in known:
        return known[name]
    there_are = "there are " + ", ".join(f"`{each}`" for each in sorted(known))
    hint = f"{did_you_mean(name, known) or there_are}; it stands under [{channel}] in conductor.toml"
    raise ConductorError(f"no plugin gives a provider `{name}` for {channel}", hint=hint)


def check_project(folder: Path, host: Host) -> list[Checked]:
    """Check every script of a project; raises ConductorError where there is none."""
    return check_scripts(find_scripts([folder]), host.vocabulary)


def publish_project(
    engine: sa.Engine, settings: Settings, host: Host, checked: Sequence[Checked], now: Instant
) -> Published:
    """Publish the conversations of checked scripts, all or none; the scripts must be free of errors.

    Raises ConductorError when two scripts give conversations of one name, or look back further than things are kept.
    """
    scripts = list(_scripts(checked))
    names = [script.flow.name for script in scripts]
    for name in names:
        if names.count(name) > 1:
            raise ConductorError(f"two scripts have a conversation `{name}`", hint="give one of them another name")
    with engine.begin() as connection:
        one_at_a_time(connection)
        published = publish(connection, scripts, load_catalogue(settings), host, now)
        plan_duties(connection, host, settings.rules, now)
        return published


def _scripts(checked: Iterable[Checked]) -> Iterable[Script]:
    for each in checked:
        for conversation in each.conversations:
            yield Script(bound_to_flow(conversation), each.report.source.text)
