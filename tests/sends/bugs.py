"""Two classic mistakes of providers, to show that the story would notice them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from conductor_dsl.plugin.channels import ChannelProvider, Outgoing, Receipt, Verdict


class _Sound:
    """A provider that does what the one behind it does."""

    def __init__(self, provider: ChannelProvider) -> None:
        self._provider = provider

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        return self._provider.send(batch)

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        return self._provider.look_up(keys)

    def close(self) -> None:
        self._provider.close()


class _Forgetful(_Sound):
    """Takes a lost answer for a message that was not taken."""

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt]:
        return {}


class _Hopeful(_Sound):
    """Takes a lost answer for a message that was taken."""

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        receipts = self._provider.send(batch)
        return [each._replace(verdict=Verdict.ACCEPTED) if not each.provider_id else each for each in receipts]


BUGS: Mapping[str, Callable[[ChannelProvider], ChannelProvider]] = {
    "": _Sound,
    "forgetful": _Forgetful,
    "hopeful": _Hopeful,
}
"""The provider as it is, and the mistakes by name."""
