"""Failover: what one provider certainly did not take goes to another, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conductor_dsl.plugin.channels import NOT_ACCEPTED, OUTCOME_UNKNOWN, ChannelProvider, Outgoing, Receipt, Verdict

_TAKEN = (Verdict.ACCEPTED, Verdict.DELIVERED, Verdict.UNDELIVERED)


def _is_refused(receipt: Receipt) -> bool:
    return receipt.verdict is Verdict.TRANSIENT and receipt.code != NOT_ACCEPTED


class Failover:
    """Sends to the first provider, and to the second what the first says that it did not take and might take later.

    A message without an answer stays with the first: it may have been accepted; and so does one for which there was no
    time, for that is no trouble. `sender` replaces the number or address
    that only the first may send from; empty for the same one.
    """

    def __init__(self, first: ChannelProvider, second: ChannelProvider, sender: str = "") -> None:
        self._first, self._second, self._sender = first, second, sender

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Send a batch; where the second call raises, its messages have no receipt, and so count as ambiguous."""
        receipts = {receipt.key: receipt for receipt in self._first.send(batch)}
        refused = {key for key, receipt in receipts.items() if _is_refused(receipt)}
        rest = [self._as_second(out) for out in batch if out.key in refused]
        if not rest:
            return list(receipts.values())
        kept = [receipt for key, receipt in receipts.items() if key not in refused]
        try:
            return [*kept, *self._second.send(rest)]
        except Exception as problem:  # noqa: BLE001  (a provider is a plugin; the first one's receipts must not be lost)
            unknown = Receipt("", Verdict.AMBIGUOUS, code=type(problem).__name__, detail=str(problem))
            return [*kept, *(unknown._replace(key=out.key) for out in rest)]

    def _as_second(self, out: Outgoing) -> Outgoing:
        return out._replace(sender=self._sender) if self._sender else out

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """A message was not accepted only if both say so; if one cannot tell, what the other took is still known."""
        answers = [provider.look_up(keys) for provider in (self._first, self._second)]
        if all(answer is None for answer in answers):
            return None
        said = [pair for answer in answers for pair in (answer or {}).items()]
        taken = {key: receipt for key, receipt in said if receipt.verdict in _TAKEN}
        if all(answer is not None for answer in answers):
            # What one of them cannot tell yet was not certainly refused.
            return {key: receipt for key, receipt in said if receipt.verdict is Verdict.AMBIGUOUS} | taken
        unknown = Receipt("", Verdict.AMBIGUOUS, code=OUTCOME_UNKNOWN)
        return {key: taken.get(key, unknown._replace(key=key)) for key in keys}

    def close(self) -> None:
        """Close both."""
        self._first.close()
        self._second.close()
