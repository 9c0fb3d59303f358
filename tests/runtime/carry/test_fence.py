"""The fence gives back what may be in another node's hands by now, however long it has waited on its way."""

from __future__ import annotations

from conductor_dsl.plugin.channels import NOT_ACCEPTED, Outgoing, Receipt, Verdict
from conductor_dsl.runtime.carry.failover import Failover
from conductor_dsl.runtime.carry.fence import Fenced
from conductor_dsl.shared.clock import SECOND, VirtualClock
from tests.runtime.carry.fakes import Answer, Fake, outs

NOW = 1_000_000


def due_by(at: int, count: int = 3) -> list[Outgoing]:
    return [out._replace(begin_by=at) for out in outs(count)]


def test_what_is_in_time_leaves() -> None:
    provider = Fake()
    receipts = Fenced(provider, VirtualClock(NOW)).send([*due_by(NOW), outs(4)[3]])
    assert [receipt.verdict for receipt in receipts] == [Verdict.ACCEPTED] * 4
    assert provider.calls == [["k0", "k1", "k2", "k3"]]


def test_what_is_too_late_goes_back_untried() -> None:
    provider = Fake()
    receipts = Fenced(provider, VirtualClock(NOW)).send([*due_by(NOW - 1), outs(4)[3]])
    assert provider.calls == [["k3"]]
    assert receipts[1:] == [Receipt(f"k{n}", Verdict.TRANSIENT, code=NOT_ACCEPTED) for n in range(3)]
    assert Fenced(Fake(), VirtualClock(NOW)).send(due_by(NOW - 1, 1)) == [receipts[1]]


def test_a_second_provider_gets_nothing_once_the_first_has_used_up_the_time() -> None:
    clock = VirtualClock(NOW)

    def slow(_: Outgoing) -> Answer:
        clock.move_to(clock.now() + 5 * SECOND)
        return Verdict.TRANSIENT

    second = Fake()
    receipts = Failover(Fenced(Fake(slow), clock), Fenced(second, clock)).send(due_by(NOW + SECOND, 1))
    assert (second.calls, [receipt.code for receipt in receipts]) == ([], [NOT_ACCEPTED])
