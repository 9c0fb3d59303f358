"""A way to the network on which a name is looked up once, checked, and called by the very number that was checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from httpcore2 import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError, ConnectTimeout

from conductor_plugins.provider_webhook.public_address import is_public

Resolve = Callable[[str, int], Sequence[str]]
"""From a host and a port to the numbers of its machines; raises OSError. It may take long, and runs in a thread."""
LOOK_UPS = 64
"""Hosts whose names may be looked up at once; each takes a thread, for names are looked up without an end in time."""
TRIES = 3
"""Numbers of one host that are tried."""


class UnresolvedError(Exception):
    """The name of a host means nothing."""


class PrivateAddressError(Exception):
    """A name leads to a machine inside a network."""


def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """The numbers of a host as the system tells them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class CheckedNetwork(AsyncNetworkBackend):
    """Connects to public numbers only, but for the places in `private`.

    TLS is begun above, with the name and not the number, so the certificate is that of the name. A name of which one
    number is private is refused altogether: it is a mistake, or an attack.
    """

    def __init__(
        self, private: Collection[str], resolve: Resolve = resolve_by_system, dial: AsyncNetworkBackend | None = None
    ) -> None:
        self._private = private
        self._resolve = resolve
        self._dial = dial or AnyIOBackend()
        self._threads = ThreadPoolExecutor(LOOK_UPS, "look-up")
        self._asked: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """A connection to one of the host's numbers, all of which were checked."""
        numbers = await self._look_up(host, port)
        if f"{host}:{port}" not in self._private and not all(map(is_public, numbers)):
            raise PrivateAddressError
        share = None if timeout is None else timeout / min(len(numbers), TRIES)
        failure: Exception = UnresolvedError()
        for number in numbers[:TRIES]:
            try:
                return await self._dial.connect_tcp(number, port, share, local_address, socket_options)
            except (ConnectError, ConnectTimeout) as error:
                failure = error
        raise failure

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        """The numbers of a host; who asks while the same is being asked gets that answer."""
        place = host, port
        asked = self._asked.get(place)
        if asked is None:
            asked = asyncio.get_running_loop().run_in_executor(self._threads, self._resolve, host, port)
            self._asked[place] = asked
            asked.add_done_callback(lambda _done: self._asked.pop(place, None))
        try:
            return await asyncio.shield(asked)
        except (OSError, UnicodeError):
            raise UnresolvedError from None

    def close(self) -> None:
        """Let the threads end once they have their answers."""
        self._threads.shutdown(wait=False, cancel_futures=True)
