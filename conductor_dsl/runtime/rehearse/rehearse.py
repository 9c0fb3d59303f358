"""From checked scripts to how their tests went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.bound_tests import ONLY, BoundTest
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Catalogue
from conductor_dsl.plugin.host import Host
from conductor_dsl.plugin.rehearsed import rehearsed
from conductor_dsl.program.operations import Send
from conductor_dsl.runtime.ingest.nouns import ImportOptions
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.rehearse.buckets import bucket_for
from conductor_dsl.runtime.rehearse.judge import judge
from conductor_dsl.runtime.rehearse.nouns import Failure, Outcome, Scene
from conductor_dsl.runtime.rehearse.play import Play
from conductor_dsl.runtime.rehearse.seen_to_path import seen_to_paths
from conductor_dsl.runtime.rehearse.stage import Published, Stage
from conductor_dsl.runtime.rehearse.test_to_scene import World, beginning, test_to_scene
from conductor_dsl.shared.clock import Clock, Instant


@dataclass(frozen=True, slots=True)
class Part:
    """The tests of one script, with the conversations that are published for them and what the project knows."""

    source: Source
    tests: tuple[BoundTest, ...]
    conversations: Sequence[BoundConversation]
    catalogue: Catalogue
    options: ImportOptions


Verdict = tuple[tuple[Failure, ...], tuple[str, ...]]
"""What did not come true, and then the paths of the contacts."""


def rehearse(parts: Iterable[Part], host: Host, clock: Clock) -> Iterator[Outcome]:
    """Play every test, each on a database of its own; `clock` tells how long it takes."""
    stage = Stage(rehearsed(host))
    try:
        for part in parts:
            yield from _rehearse_part(stage, part, clock)
    finally:
        stage.close()


def _rehearse_part(stage: Stage, part: Part, clock: Clock) -> Iterator[Outcome]:
    published: dict[Instant, Published] = {}
    zone = part.conversations[0].settings.zone if part.conversations else part.catalogue.zone
    for test in part.tests:
        begun, now = clock.now(), beginning(test, zone)
        if now not in published:
            published[now] = stage.publish(part.conversations, part.catalogue, now)
        failures, paths = _rehearse_test(stage, part, test, published[now], now)
        yield Outcome(part.source, test, failures, paths, clock.now() - begun)


def _rehearse_test(stage: Stage, part: Part, test: BoundTest, published: Published, now: Instant) -> Verdict:
    world = World(tuple(loaded.flow for loaded in published.programs.live), _lists(published.programs))
    scene = test_to_scene(test, world, now)
    buckets, failures = _buckets(scene, published.programs, part.source)
    seen = Play(stage, published, scene, part.options).play(buckets)
    failures += judge(scene, seen, part.source)
    return tuple(failures), seen_to_paths(scene, seen) if failures else ()


def _buckets(scene: Scene, programs: Programs, source: Source) -> tuple[dict[str, int], list[Failure]]:
    """The numbers from which the ways of contacts are drawn, by their keys; groups that exclude each other fail."""
    buckets: dict[str, int] = {}
    failures: list[Failure] = []
    for line in scene.test.of("given", "contact"):
        key = scene.keys[line.text("name") or ONLY]
        bucket = bucket_for(line, key, programs)
        if bucket is None:
            place = source.position(line.span.start).line
            failures.append(Failure(place, "a contact in these groups", "no contact can be in all of them"))
        else:
            buckets[key] = bucket
    return buckets, failures


def _lists(programs: Programs) -> frozenset[str]:
    """The lists that steps write on."""
    return frozenset(
        operation.list or loaded.flow.settings.list or operation.channel
        for loaded in programs.live
        for operation in loaded.program.operations
        if isinstance(operation, Send) and operation.url is None
    )
