"""One module for each operation: what it does to the batch that stands at its step."""

from __future__ import annotations

from conductor_dsl.program.operations import Await, Call, Coupon, Gate, Hold, Holdout, Move, Send, Split, Stop, Write
from conductor_dsl.runtime.operate import await_event, call, coupon, gate, hold, move, send, split, stop, write
from conductor_dsl.runtime.operate.frame import Frame


def operate(frame: Frame, step: int) -> None:
    """Run the operation of a step over the rows of the batch that stand there."""
    match frame.loaded.program.operations[step]:
        case Gate() as operation:
            gate.operate(frame, step, operation)
        case Hold() as operation:
            hold.operate(frame, step, operation)
        case Await() as operation:
            await_event.operate(frame, step, operation)
        case Split() as operation:
            split.operate(frame, step, operation)
        case Holdout() as operation:
            split.hold_out(frame, step, operation)
        case Send() as operation:
            send.operate(frame, step, operation)
        case Write() as operation:
            write.operate(frame, step, operation)
        case Coupon() as operation:
            coupon.operate(frame, step, operation)
        case Call() as operation:
            call.operate(frame, step, operation)
        case Move() as operation:
            move.operate(frame, step, operation)
        case Stop() as operation:
            stop.operate(frame, step, operation)
