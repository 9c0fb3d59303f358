"""A provider that does what it is told to, and remembers every call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict

Answer = Verdict | Receipt | Exception | None
OUT = Outgoing("k0", "sms", "+17175550100", "34567", "", "Hello", "", 60_000, "1", "C", "S")


def outs(count: int, sender: str = "34567") -> list[Outgoing]:
    """Messages with keys `k0`, `k1` ..."""
    return [OUT._replace(key=f"k{number}", sender=sender) for number in range(count)]


class Fake:
    """Answers each message as `answer` says; None is no receipt, an exception breaks the call off."""

    def __init__(self, answer: Callable[[Outgoing], Answer] = lambda _: Verdict.ACCEPTED) -> None:
        self.answer = answer
        self.calls: list[list[str]] = []
        self.accepted: list[str] = []
        self.can_tell = True
        self.closed = False

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Answer each."""
        self.calls.append([out.key for out in batch])
        receipts: list[Receipt] = []
        for out in batch:
            answer = self.answer(out)
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                receipts.append(answer if isinstance(answer, Receipt) else Receipt(out.key, answer))
        self.accepted += [receipt.key for receipt in receipts if receipt.verdict is Verdict.ACCEPTED]
        return receipts

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """The truth, if it can tell."""
        known = set(keys).intersection(self.accepted)
        return {key: Receipt(key, Verdict.ACCEPTED) for key in known} if self.can_tell else None

    def close(self) -> None:
        """Remember it."""
        self.closed = True

    @property
    def attempts(self) -> int:
        """How many messages it was given."""
        return sum(len(call) for call in self.calls)
