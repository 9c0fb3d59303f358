"""Receivers, and providers of calls that find them."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from conductor_dsl.api import ChannelProvider, Outgoing, VirtualClock
from conductor_dsl.testing.provider_suite import outgoing
from conductor_plugins.provider_webhook.checked_network import CheckedNetwork
from conductor_plugins.provider_webhook.provider import HttpProvider, Manner
from conductor_plugins.provider_webhook.signature import Signer, read_secrets
from tests.plugin.receiver import NAME, Receiver

SECRET = f"whsec_{b64encode(bytes(range(32))).decode()}"
OLDER = f"whsec_{b64encode(bytes(range(1, 33))).decode()}"
NOW = 1_772_467_200_000


class Stage:
    """Receivers, and providers that find them; everything is closed at the end."""

    def __init__(self) -> None:
        self.receivers: dict[str, Receiver] = {}
        self.opened: list[ChannelProvider] = []
        self.asked: list[str] = []
        self.clock = VirtualClock(NOW)

    def receiver(self, name: str = NAME) -> Receiver:
        """A program that can be called by this name."""
        return self.receivers.setdefault(name, Receiver(name))

    def resolve(self, host: str, _port: int) -> Sequence[str]:
        """Every receiver is on this machine."""
        self.asked.append(host)
        if host not in self.receivers:
            raise OSError("no such name")
        return ["127.0.0.1"]

    def provider(self, **manner: Any) -> HttpProvider:
        """A provider that may call them all."""
        trust = ssl.create_default_context()
        for receiver in self.receivers.values():
            receiver.authority.configure_trust(trust)
        places = frozenset(receiver.place for receiver in self.receivers.values())
        given = {"hosts": frozenset(self.receivers) | {"unknown.example"}, "private": places, "timeout": 20.0} | manner
        network = CheckedNetwork(given["private"], self.resolve)
        made = HttpProvider(Manner(**given), Signer(read_secrets(SECRET)), trust, self.clock, network=network)
        self.opened.append(made)
        return made

    def close(self) -> None:
        """Close everything."""
        for each in self.opened:
            each.close()
        for receiver in self.receivers.values():
            receiver.close()


def call(receiver: Receiver, number: int = 1, text: str = '{"contact": "a"}') -> Outgoing:
    """A call of a receiver."""
    return outgoing(number, "webhook", text)._replace(to=receiver.url)
