"""One module for each operation: what it does to the batch that stands at its step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from conductor_dsl.program.operations import (
    Await,
    Call,
    Coupon,
    Emit,
    Enlist,
    Gate,
    Hold,
    Holdout,
    Move,
    Note,
    Send,
    Split,
    Start,
    Stop,
    Write,
)
from conductor_dsl.runtime.operate import (
    await_event,
    call,
    coupon,
    emit,
    enlist,
    gate,
    hold,
    move,
    note,
    send,
    split,
    start,
    stop,
    write,
)
from conductor_dsl.runtime.operate.frame import Frame

_OPERATIONS: Mapping[type, Callable[[Frame, int, Any], None]] = MappingProxyType(
    {
        Gate: gate.operate,
        Hold: hold.operate,
        Await: await_event.operate,
        Split: split.operate,
        Holdout: split.hold_out,
        Send: send.operate,
        Write: write.operate,
        Coupon: coupon.operate,
        Enlist: enlist.operate,
        Emit: emit.operate,
        Start: start.operate,
        Note: note.operate,
        Call: call.operate,
        Move: move.operate,
        Stop: stop.operate,
    }
)


def operate(frame: Frame, step: int) -> None:
    """Run the operation of a step over the rows of the batch that stand there."""
    operation = frame.loaded.program.operations[step]
    _OPERATIONS[type(operation)](frame, step, operation)
