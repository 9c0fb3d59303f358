"""The suite for providers passes a good one, and notices what the rules forbid."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from conductor_dsl.api import ChannelProvider, Outgoing, Receipt, Verdict, header_problem
from conductor_dsl.testing.provider_suite import ProviderSuite
from tests.testing.failing import failing

TOKEN = "s3cret-token"


class Kept:
    """A good provider: it keeps messages in one file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "kept.json"

    def kept(self) -> dict[str, str]:
        """The texts by their keys."""
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Keep all that can be kept."""
        kept = self.kept()
        receipts = [self.take(message, kept) for message in batch]
        self.path.write_text(json.dumps(kept))
        return receipts

    def take(self, message: Outgoing, kept: dict[str, str]) -> Receipt:
        """The receipt of one."""
        problem = header_problem(message)
        if problem:
            return Receipt(message.key, Verdict.REJECTED, code="unusable", detail=problem)
        kept.setdefault(message.key, message.text)
        return Receipt(message.key, Verdict.ACCEPTED, provider_id=message.key)

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What was kept."""
        kept = self.kept()
        return {key: Receipt(key, Verdict.ACCEPTED, provider_id=key) for key in keys if key in kept}

    def close(self) -> None:
        """Nothing to let go of."""


class Raises(Kept):
    """It raises for one message."""

    def take(self, message: Outgoing, kept: dict[str, str]) -> Receipt:
        if len(message.text) > 60_000:
            raise ValueError("too long")
        return super().take(message, kept)


class Forgets(Kept):
    """It has no receipt for one message."""

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        return super().send(batch)[1:]


class Foreign(Kept):
    """It has a receipt for a message that is not its own."""

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        return [*super().send(batch), Receipt("another", Verdict.ACCEPTED)]


class Traces(Kept):
    """It keeps what it refuses."""

    def take(self, message: Outgoing, kept: dict[str, str]) -> Receipt:
        kept.setdefault(message.key, message.text)
        return super().take(message, kept)


class Tells(Kept):
    """It tells its token."""

    def take(self, message: Outgoing, kept: dict[str, str]) -> Receipt:
        return super().take(message, kept)._replace(detail=f"POST /send?token={TOKEN}")


class WaitsForever(Kept):
    """It wants to be left alone for thirty years."""

    def take(self, message: Outgoing, kept: dict[str, str]) -> Receipt:
        return super().take(message, kept)._replace(retry_after=10**12)


class Doubles(Kept):
    """It takes the second message of a key for the first."""

    def take(self, message: Outgoing, kept: dict[str, str]) -> Receipt:
        kept.pop(message.key, None)
        return super().take(message, kept)


class GivesUp(Kept):
    """A provider that takes an unreachable service for a refusal."""

    def take(self, message: Outgoing, kept: dict[str, str]) -> Receipt:
        return Receipt(message.key, Verdict.REJECTED, code="no answer")


def suite_of(
    make: Callable[[Path], ChannelProvider], unreachable: Callable[[Path], ChannelProvider] | None = None
) -> ProviderSuite:
    class Suite(ProviderSuite):
        channel = "push"
        large_batch = 100
        secrets = (TOKEN,)

        def provider(self, folder: Path) -> ChannelProvider:
            return make(folder)

        def out_of_reach(self, folder: Path) -> ChannelProvider | None:
            return unreachable(folder) if unreachable else None

        def stored_text(self, folder: Path, key: str) -> str | None:
            return Kept(folder).kept()[key]

    return Suite()


def test_a_good_provider_passes() -> None:
    assert failing(suite_of(Kept)) == set()


@pytest.mark.parametrize(
    ("faulty", "test"),
    [
        (Raises, "test_whatever_is_in_a_message_it_has_one_receipt_and_the_others_are_sent"),
        (Forgets, "test_every_message_has_one_receipt"),
        (Foreign, "test_good_and_bad_ones_in_one_batch_have_a_receipt_each"),
        (Traces, "test_a_refused_message_leaves_no_trace"),
        (Tells, "test_no_secret_is_told"),
        (WaitsForever, "test_every_receipt_can_be_used"),
        (Doubles, "test_a_repeated_key_is_accepted_again_and_kept_once"),
    ],
)
def test_a_faulty_provider_is_noticed(faulty: type[Kept], test: str) -> None:
    assert test in failing(suite_of(faulty))


def test_a_provider_that_refuses_because_nobody_answers_is_noticed() -> None:
    expected = {"test_a_service_that_does_not_answer_refuses_nothing_for_good"}
    assert failing(suite_of(Kept, unreachable=GivesUp)) == expected
