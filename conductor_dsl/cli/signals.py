"""Signals of the operating system as values that the main thread waits for."""

from __future__ import annotations

import signal

HEARD = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


def hold_signals() -> None:
    """From now on SIGTERM, SIGINT and SIGHUP wait to be asked for instead of ending the process.

    Call it before any thread is started, for threads inherit it. They are held back rather than handled: a handler
    whose signal comes just before the main thread begins to wait would not be run until the next one comes.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)


def next_signal() -> int:
    """Wait for one of the signals that are held; of several, SIGHUP comes first."""
    return signal.sigwait(HEARD)
