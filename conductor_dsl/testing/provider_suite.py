"""What every channel provider must do, as tests that an author of a provider inherits.

    class TestMyProvider(ProviderSuite):
        channel = "sms"

        def provider(self, folder: Path) -> ChannelProvider:
            return MyProvider(...)

A provider that stores what it accepts also overrides `stored_text`; one whose `look_up` cannot tell sets
`can_look_up = False`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from conductor_dsl.api import ChannelProvider, Outgoing, Receipt, Verdict

GOOD = (Verdict.ACCEPTED, Verdict.DELIVERED)
ADDRESSES = {
    "sms": ("+17175550100", "34567"),
    "email": ("ada@example.com", "Shop <hello@shop.example>"),
    "webhook": ("https://hooks.shop.example/loyalty", ""),
}


def outgoing(number: int, channel: str = "sms", text: str = "Hello Ada") -> Outgoing:
    """A message to a reserved test address; `number` decides its key."""
    to, sender = ADDRESSES[channel]
    return Outgoing(
        key=f"{number:032x}",
        channel=channel,
        to=to,
        sender=sender,
        subject="A subject" if channel == "email" else "",
        text=text,
        html=f"<p>{text}</p>" if channel == "email" else "",
        valid_for=3_600_000,
        contact=str(number),
        conversation="Winback",
        step="First",
    )


class ProviderSuite(ABC):
    """The tests; one instance of the provider for each, in an empty folder."""

    channel = "sms"
    can_look_up = True
    large_batch = 10_000
    """Messages; a provider that needs milliseconds for each sets a smaller number."""

    @abstractmethod
    def provider(self, folder: Path) -> ChannelProvider:
        """A new provider; two calls with one folder give providers that share what they have stored."""

    def stored_text(self, folder: Path, key: str) -> str | None:  # noqa: ARG002  (for those who override it)
        """The text under a key as the receiver gets it, or None for a provider that keeps nothing."""
        return None

    def message(self, number: int, text: str = "Hello Ada") -> Outgoing:
        """A message of the suite's channel."""
        return outgoing(number, self.channel, text)

    def test_every_message_has_one_receipt(self, tmp_path: Path) -> None:
        """No receipt too few, too many, or for another key."""
        batch = [self.message(number) for number in range(1, 8)]
        receipts = self.provider(tmp_path).send(batch)
        assert sorted(receipt.key for receipt in receipts) == [message.key for message in batch]
        assert all(receipt.verdict in GOOD for receipt in receipts)

    def test_an_empty_batch_has_no_receipts(self, tmp_path: Path) -> None:
        """Nothing in, nothing out."""
        assert list(self.provider(tmp_path).send([])) == []

    def test_a_repeated_key_is_accepted_again_and_kept_once(self, tmp_path: Path) -> None:
        """A retry gets the receipt that the first attempt would have got, and its message is the first one."""
        provider = self.provider(tmp_path)
        first = provider.send([self.message(1, "the first")])
        again = provider.send([self.message(1, "the second")])
        assert first[0].verdict in GOOD and again[0].verdict in GOOD
        assert first[0].provider_id == again[0].provider_id
        self._assert_stored(tmp_path, 1, "the first")

    def test_a_key_that_stands_twice_in_one_batch_is_no_error(self, tmp_path: Path) -> None:
        """Each of the two has a receipt under the key."""
        receipts = self.provider(tmp_path).send([self.message(1), self.message(1)])
        assert receipts and all(receipt.verdict in GOOD for receipt in receipts)
        assert {receipt.key for receipt in receipts} == {self.message(1).key}

    def test_what_was_accepted_is_found(self, tmp_path: Path) -> None:
        """Looking up an accepted key tells so, with the provider's own id."""
        provider = self.provider(tmp_path)
        sent = provider.send([self.message(1), self.message(2)])
        found = provider.look_up([self.message(1).key, self.message(2).key])
        if not self.can_look_up:
            assert found is None
            return
        assert found is not None
        assert _told(found.values()) == _told(sent)

    def test_what_was_never_sent_is_not_found(self, tmp_path: Path) -> None:
        """A key that is left out was certainly not accepted."""
        provider = self.provider(tmp_path)
        provider.send([self.message(1)])
        found = provider.look_up([self.message(1).key, self.message(2).key])
        assert found is None or set(found) == {self.message(1).key}

    def test_looking_up_nothing_finds_nothing(self, tmp_path: Path) -> None:
        """An empty question is no error."""
        assert not self.provider(tmp_path).look_up([])

    def test_a_restarted_provider_knows_what_was_accepted(self, tmp_path: Path) -> None:
        """A crash of the node must not make a message unknown, or send it twice."""
        first = self.provider(tmp_path)
        first.send([self.message(1, "before")])
        first.close()
        second = self.provider(tmp_path)
        assert second.send([self.message(1, "after")])[0].verdict in GOOD
        found = second.look_up([self.message(1).key])
        assert found is None or set(found) == {self.message(1).key}
        self._assert_stored(tmp_path, 1, "before")

    def test_letters_emoji_and_lines_arrive_as_written(self, tmp_path: Path) -> None:
        """Nothing is lost on the way: other alphabets, joined emoji, line ends, quotes."""
        provider = self.provider(tmp_path)
        text = "Grüße, Zoë 👩‍👩‍👧 日本語 عربى €5\nsecond line\n\n'quoted' \"twice\" \\ % {} $1"
        assert provider.send([self.message(1, text)])[0].verdict in GOOD
        self._assert_stored(tmp_path, 1, text)

    def test_a_large_batch_is_sent_whole(self, tmp_path: Path) -> None:
        """Every one of `large_batch` messages is accepted."""
        batch = [self.message(number) for number in range(self.large_batch)]
        receipts = self.provider(tmp_path).send(batch)
        assert {receipt.key for receipt in receipts if receipt.verdict in GOOD} == {message.key for message in batch}

    def test_an_address_cannot_write_headers_of_its_own(self, tmp_path: Path) -> None:
        """A line break in an address is refused for good, and the rest of the batch is sent."""
        bad = self.message(1)._replace(to=f"{self.message(1).to}\r\nBcc: eve@example.com")
        provider = self.provider(tmp_path)
        verdicts = {receipt.key: receipt for receipt in provider.send([bad, self.message(2)])}
        assert verdicts[bad.key].verdict is Verdict.REJECTED
        assert verdicts[bad.key].detail
        assert verdicts[self.message(2).key].verdict in GOOD

    def test_a_missing_address_is_refused_for_good(self, tmp_path: Path) -> None:
        """Trying again would not help."""
        receipts = self.provider(tmp_path).send([self.message(1)._replace(to="")])
        assert [receipt.verdict for receipt in receipts] == [Verdict.REJECTED]

    def test_a_refused_message_is_not_found(self, tmp_path: Path) -> None:
        """What was refused was not accepted."""
        provider = self.provider(tmp_path)
        provider.send([self.message(1)._replace(to="")])
        assert not provider.look_up([self.message(1).key])

    def test_text_that_is_not_unicode_harms_only_itself(self, tmp_path: Path) -> None:
        """Half a character gets a verdict, and the message after it is sent."""
        provider = self.provider(tmp_path)
        receipts = {receipt.key: receipt for receipt in provider.send([self.message(1, "\ud83d"), self.message(2)])}
        assert receipts[self.message(1).key].verdict in (*GOOD, Verdict.REJECTED)
        assert receipts[self.message(2).key].verdict in GOOD

    def test_a_provider_can_be_closed_twice(self, tmp_path: Path) -> None:
        """Closing is safe at any time."""
        provider = self.provider(tmp_path)
        provider.close()
        provider.close()

    def _assert_stored(self, folder: Path, number: int, text: str) -> None:
        stored = self.stored_text(folder, self.message(number).key)
        assert stored is None or stored == text


def _told(receipts: Iterable[Receipt]) -> set[tuple[str, str]]:
    return {(receipt.key, receipt.provider_id) for receipt in receipts}
