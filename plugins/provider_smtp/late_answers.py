"""Late answers: a server that looks long at a message answers after the call is over, and is heard no less."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread

from conductor_dsl.api import Heard, Receipt, Verdict
from conductor_plugins.provider_smtp.failure_to_receipt import failure_to_receipt
from conductor_plugins.provider_smtp.letter import Letter
from conductor_plugins.provider_smtp.session import Session
from conductor_plugins.provider_smtp.wire import Failure

PATIENCE = 600_000
"""Milliseconds for the answer to the last dot, as RFC 5321 (4.5.3.2.6) wants it. The message is in doubt until then."""
_TELLING = (Verdict.ACCEPTED, Verdict.REJECTED)


class LateAnswers:
    """Waits for answers in threads of their own, for a few at a time, and tells `hear` what they say."""

    def __init__(self, hear: Callable[[Heard], None], most: int) -> None:
        self._hear, self._left = hear, most
        self._lock = Lock()

    def wait(self, session: Session, key: str, letter: Letter) -> bool:
        """Take over the connection of a message whose dot was sent; False, and nothing is done, if too many wait."""
        with self._lock:
            if not self._left:
                return False
            self._left -= 1
        # The end of the process does not wait for a server that may never answer.
        Thread(target=self._listen, args=(session, key, letter), name="smtp-late", daemon=True).start()
        return True

    def _listen(self, session: Session, key: str, letter: Letter) -> None:
        try:
            receipt = Receipt(key, Verdict.ACCEPTED, letter.name, detail=session.late_words(PATIENCE))
        except Failure as failure:
            receipt = failure_to_receipt(key, failure)
        session.close(politely=False)
        with self._lock:
            self._left += 1
        if receipt.verdict in _TELLING:
            self._hear(Heard((receipt,)))
