"""What every channel provider must do, as tests that an author of a provider inherits.

    class TestMyProvider(ProviderSuite):
        channel = "sms"

        def provider(self, folder: Path) -> ChannelProvider:
            return MyProvider(...)

A provider that stores what it accepts also overrides `stored_text`; one whose `look_up` cannot tell sets
`can_look_up = False`. One that talks to a service overrides `out_of_reach`, and names in `secrets` what must never be
told.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from conductor_dsl.api import ChannelProvider, Mark, Outgoing, Receipt, Verdict
from conductor_dsl.shared.clock import DAY

GOOD = (Verdict.ACCEPTED, Verdict.DELIVERED)
ADDRESSES = {
    "sms": ("+17175550100", "34567"),
    "email": ("ada@example.com", "Shop <hello@shop.example>"),
    "webhook": ("https://hooks.shop.example/loyalty", ""),
}

_ODDITIES: tuple[dict[str, Any], ...] = (
    {"text": "", "html": ""},
    {"text": "x" * 70_000},
    {"text": "nothing \x00 in it"},
    {"text": "a bell \x07, an escape \x1b[31m, a mark \u202e"},
    {"subject": "two\r\nlines: Bcc: eve@example.com"},
    {"sender": "two\r\nlines"},
    {"sender": ""},
    {"to": "nobody knows what this is"},
    {"to": "ключ@пример.испытание"},
    {"valid_for": 0},
    {"valid_for": -1},
    {"headers": {"X-Shop": "two\r\nBcc: eve@example.com"}},
    {"media": ("not an address",)},
    {"contact": "", "conversation": "", "step": ""},
    {"conversation": "Zoë 👩‍👩‍👧", "step": "first\nsecond"},
)
"""What may stand in a message by mistake, or by malice."""


def outgoing(number: int, channel: str = "sms", text: str = "Hello Ada") -> Outgoing:
    """A message to a reserved test address; `number` decides its key."""
    to, sender = ADDRESSES.get(channel, ("device-1", "Shop"))
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
    is_shared = False
    """Whether several threads may send at once."""
    secrets: tuple[str, ...] = ()
    """Passwords and tokens that `provider` uses."""
    patience = 20.0
    """Seconds after which a provider that is closed while it sends counts as hanging."""

    @abstractmethod
    def provider(self, folder: Path) -> ChannelProvider:
        """A new provider; two calls with one folder give providers that share what they have stored."""

    def stored_text(self, folder: Path, key: str) -> str | None:  # noqa: ARG002  (for those who override it)
        """The text under a key as the receiver gets it, or None for a provider that keeps nothing.

        Where there is no such text it may raise, as the look into a list or a file does.
        """
        return None

    def out_of_reach(self, folder: Path) -> ChannelProvider | None:  # noqa: ARG002
        """A provider whose service does not answer, or None where there is no service."""
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

    def test_whatever_is_in_a_message_it_has_one_receipt_and_the_others_are_sent(self, tmp_path: Path) -> None:
        """Nothing that stands in one message raises, or takes another message with it."""
        provider, number = self.provider(tmp_path), 10
        for changes in _ODDITIES:
            odd, good = self.message(number)._replace(**changes), self.message(number + 1)
            receipts = self._sent(provider, [odd, good])
            assert receipts[good.key].verdict in GOOD, f"{changes!r:.80} took the next message with it"
            assert _is_sane(receipts[odd.key])
            number += 2

    def test_good_and_bad_ones_in_one_batch_have_a_receipt_each(self, tmp_path: Path) -> None:
        """No key of another message, none twice, whatever the order."""
        batch = [self.message(number) for number in range(1, 21)]
        batch = [message._replace(to="") if place % 3 == 0 else message for place, message in enumerate(batch)]
        receipts = self._sent(self.provider(tmp_path), tuple(reversed(batch)))
        for place, message in enumerate(batch):
            assert (receipts[message.key].verdict in GOOD) == (place % 3 != 0)

    def test_a_refused_message_leaves_no_trace(self, tmp_path: Path) -> None:
        """Neither a part of it, nor a key that would keep a mended message from being sent."""
        provider, bad = self.provider(tmp_path), self.message(1)._replace(to="")
        assert [receipt.verdict for receipt in provider.send([bad])] == [Verdict.REJECTED]
        with suppress(LookupError, OSError, StopIteration, ValueError):
            assert self.stored_text(tmp_path, bad.key) is None
        assert [receipt.verdict in GOOD for receipt in provider.send([self.message(1)])] == [True]

    def test_every_receipt_can_be_used(self, tmp_path: Path) -> None:
        """Verdicts, marks and texts of the right types, and no wait of more than a day."""
        receipts = self.provider(tmp_path).send([self.message(1), self.message(2)._replace(to="")])
        assert all(_is_sane(receipt) for receipt in receipts)

    def test_no_secret_is_told(self, tmp_path: Path) -> None:
        """Not in a receipt, nor where the provider is printed."""
        providers = [self.provider(tmp_path), *filter(None, [self.out_of_reach(tmp_path)])]
        for provider in providers:
            told = repr(provider) + repr(provider.send([self.message(1), self.message(2)._replace(to="")]))
            assert not [place for place, secret in enumerate(self.secrets) if secret in told]

    def test_a_service_that_does_not_answer_refuses_nothing_for_good(self, tmp_path: Path) -> None:
        """Each message may go later, or nobody knows; nothing is raised, and nothing counts as sent."""
        provider = self.out_of_reach(tmp_path)
        if provider is None:
            return
        receipts = self._sent(provider, [self.message(1), self.message(2)])
        assert {receipt.verdict for receipt in receipts.values()} <= {Verdict.TRANSIENT, Verdict.AMBIGUOUS}
        assert all(receipt.code or receipt.detail for receipt in receipts.values())

    def test_looking_up_much_or_nonsense_is_no_error(self, tmp_path: Path) -> None:
        """As many keys as a batch has, one of them twice, and some that are no keys."""
        provider = self.provider(tmp_path)
        provider.send([self.message(1)])
        odd = ["", "' OR 1=1 --", "../../etc/passwd", "ключ", "x" * 5_000]
        many = [self.message(number).key for number in range(2, min(self.large_batch, 2_000))]
        found = provider.look_up([self.message(1).key, self.message(1).key, *odd, *many])
        assert found is None or set(found) == {self.message(1).key}

    def test_what_is_looked_up_has_the_key_it_is_found_by(self, tmp_path: Path) -> None:
        """And a verdict by which the message was taken."""
        provider = self.provider(tmp_path)
        provider.send([self.message(number) for number in range(1, 4)])
        for key, receipt in (provider.look_up([self.message(number).key for number in range(1, 4)]) or {}).items():
            assert receipt.key == key
            assert receipt.verdict in (*GOOD, Verdict.UNDELIVERED)

    def test_a_provider_may_be_closed_while_it_sends(self, tmp_path: Path) -> None:
        """It ends soon: with receipts for messages of the batch, or by raising, and then nobody knows of any."""
        provider, batch = self.provider(tmp_path), [self.message(number) for number in range(1, 201)]
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(provider.send, batch)
            provider.close()
            failure = sending.exception(self.patience)
        if failure is None:
            assert {receipt.key for receipt in sending.result()} <= {message.key for message in batch}

    def test_several_threads_may_send_if_it_says_so(self, tmp_path: Path) -> None:
        """Each gets the receipts of its own batch."""
        if not self.is_shared:
            return
        provider = self.provider(tmp_path)
        batches = [[self.message(thread * 100 + number) for number in range(25)] for thread in range(1, 5)]
        with ThreadPoolExecutor(len(batches)) as pool:
            for batch, receipts in zip(batches, pool.map(provider.send, batches), strict=True):
                assert sorted(receipt.key for receipt in receipts) == [message.key for message in batch]
                assert all(receipt.verdict in GOOD for receipt in receipts)

    def test_a_provider_can_be_closed_twice(self, tmp_path: Path) -> None:
        """Closing is safe at any time."""
        provider = self.provider(tmp_path)
        provider.close()
        provider.close()

    def _sent(self, provider: ChannelProvider, batch: Sequence[Outgoing]) -> dict[str, Receipt]:
        """The receipts by key: exactly one for each message."""
        receipts = provider.send(batch)
        assert sorted(receipt.key for receipt in receipts) == sorted(message.key for message in batch)
        return {receipt.key: receipt for receipt in receipts}

    def _assert_stored(self, folder: Path, number: int, text: str) -> None:
        stored = self.stored_text(folder, self.message(number).key)
        assert stored is None or stored == text


_TYPES = (str, Verdict, str, str, str, Mark, int)
"""The types of the members of a receipt."""


def _is_sane(receipt: Receipt) -> bool:
    """Whether the engine can work with a receipt."""
    return all(map(isinstance, receipt, _TYPES)) and 0 <= receipt.retry_after <= DAY


def _told(receipts: Iterable[Receipt]) -> set[tuple[str, str]]:
    return {(receipt.key, receipt.provider_id) for receipt in receipts}
