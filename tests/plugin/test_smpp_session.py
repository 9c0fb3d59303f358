"""A session of SMPP whose owner goes away while an answer comes."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from conductor_plugins.provider_smpp.session import Answer, Session


def test_a_cancellation_is_heard_even_if_the_answer_comes_at_the_same_moment() -> None:
    """Otherwise the session lives on, and whoever closes the provider waits for ever."""

    async def live() -> bool:
        settings: Any = SimpleNamespace(timeout=10.0)
        nobody: Any = SimpleNamespace()
        session = Session(nobody, nobody, settings, lambda _session, _pdu: None)
        question: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waiting = asyncio.create_task(session.wait(question))
        await asyncio.sleep(0)
        question.set_result(Answer(0))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        return waiting.cancelled()

    assert asyncio.run(live())
