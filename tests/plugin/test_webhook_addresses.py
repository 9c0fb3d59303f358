"""The provider `http` calls nobody inside a network, whatever an address or a name server says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import httpcore2
import pytest

from conductor_dsl.api import Verdict
from conductor_dsl.testing.provider_suite import outgoing
from conductor_plugins.provider_webhook.checked_network import CheckedNetwork
from conductor_plugins.provider_webhook.provider import HttpProvider
from conductor_plugins.provider_webhook.public_address import is_public
from tests.plugin.calling import Stage, call


@pytest.fixture(name="stage")
def stage_fixture() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.close()


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.shop.example/a",
        "https://elsewhere.example/a",
        "https://hooks.shop.example.evil.example/a",
        "https://hooks.shop.example@evil.example/a",
        "https://evil.example\\@hooks.shop.example/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://[::ffff:127.0.0.1]/a",
        "https://0x7f000001/a",
        "https://2130706433/a",
        "https://0177.0.0.1/a",
        "https://localhost/a",
        "https://hooks.shop.example/a b",
        "https://hooks.shop.example/a\r\nHost: evil.example",
        "https://hooks.shop.example:0/a",
        "https://ада.example/a",
    ],
)
def test_an_address_that_conductor_toml_does_not_allow_is_not_even_looked_up(stage: Stage, address: str) -> None:
    stage.receiver()
    [receipt] = stage.provider(private=frozenset()).send([outgoing(1, "webhook")._replace(to=address)])
    assert (receipt.verdict, receipt.code) == (Verdict.REJECTED, "unusable")
    assert (stage.asked, stage.receiver().calls) == ([], [])


class Dial(httpcore2.AnyIOBackend):
    """Remembers which numbers were called, and leads all of them to a receiver."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.called: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.called.append(host)
        return await super().connect_tcp("127.0.0.1", self._port, timeout, local_address, socket_options)


class Rebinding:
    """A name that has another number each time it is asked."""

    def __init__(self, *numbers: Sequence[str]) -> None:
        self._numbers = list(numbers)
        self.asked = 0

    def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return self._numbers.pop(0)


def rebound(stage: Stage, *numbers: Sequence[str]) -> tuple[HttpProvider, Dial, Rebinding]:
    """A provider whose names lead elsewhere each time."""
    receiver = stage.receiver()
    dial, names = Dial(receiver.port), Rebinding(*numbers)
    provider = stage.provider(private=frozenset())
    provider._pool._network_backend = CheckedNetwork(frozenset(), names, dial)
    return provider, dial, names


def test_the_number_that_was_checked_is_the_one_that_is_called(stage: Stage) -> None:
    provider, dial, names = rebound(stage, ["93.184.216.34"], ["127.0.0.1"])
    message = call(stage.receiver())
    assert provider.send([message])[0].verdict is Verdict.ACCEPTED
    assert (dial.called, names.asked) == (["93.184.216.34"], 1)


def test_a_name_that_comes_to_lead_inside_is_refused(stage: Stage) -> None:
    provider, dial, names = rebound(stage, ["169.254.169.254"])
    [receipt] = provider.send([call(stage.receiver())])
    assert (receipt.verdict, receipt.code) == (Verdict.REJECTED, "private_address")
    assert dial.called == [] and names.asked == 1


def test_one_private_number_among_public_ones_is_enough(stage: Stage) -> None:
    provider, dial, _ = rebound(stage, ["93.184.216.34", "10.0.0.1"])
    assert provider.send([call(stage.receiver())])[0].code == "private_address"
    assert dial.called == []


@pytest.mark.parametrize(
    "number",
    "127.0.0.1 127.255.255.254 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 "
    "100.100.100.200 192.0.0.192 168.63.129.16 198.18.0.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 192.0.2.1 "
    ":: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::7f00:1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 fec0::1 ff02::1 "
    "ff0e::1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2001:0:1::1 2001:db8::1 localhost "
    "0x7f.1 127.1".split(),
)
def test_a_number_inside_a_network_is_not_public(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize(
    "number",
    ["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808"],
)
def test_a_number_that_everybody_can_reach_is_public(number: str) -> None:
    assert is_public(number)
