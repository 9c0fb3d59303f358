"""What people decide about messages in doubt and dead letters, and what is decided for them."""

from __future__ import annotations

import pytest

from conductor_dsl.cli.letters import ALL, settle_letters
from conductor_dsl.plugin.channels import Receipt, Verdict
from conductor_dsl.program.states import IntentState
from conductor_dsl.runtime.receipts import ATTEMPTS
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.by_hand import count_letters, letters
from conductor_dsl.store.connect import reading
from tests.conformance.shop import Shop, host

TWO = 'when no_order_within 60d check every 1d -> sms "One" ttl 2d as "Text" -> email saved:"Hello" -> end'
TEXT = 'when no_order_within 60d check every 1d -> sms "One" ttl 2d as "Text" -> end'
IN_DOUBT, READY, SENT = IntentState.AMBIGUOUS, IntentState.READY, IntentState.ACCEPTED
DEAD = IntentState.DEAD


def in_doubt(shop: Shop, count: int = 1) -> list[str]:
    """Messages of which nobody knows what became of them; their keys."""
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.AMBIGUOUS, code="timeout")
    shop.sms.can_tell = False
    for number in range(count):
        shop.contact(f"c{number}")
    shop.publish(TWO)
    shop.pass_time("1m")
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    return [out.key for out in shop.sms.attempts]


def dead(shop: Shop, text: str = TEXT) -> str:
    """A message that was tried in vain; its key."""
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.contact("c0")
    shop.publish(text)
    shop.pass_time("1h")
    assert (len(shop.sms.attempts), shop.messages("c0")[0][0]) == (ATTEMPTS, "dead")
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    return shop.sms.attempts[0].key


def settle(shop: Shop, key: str, before: IntentState, after: IntentState) -> int:
    """Decide, and let the node go on."""
    changed = settle_letters(shop.engine, [key], (before, after), shop.now, "by hand")
    shop.run()
    return changed


def test_the_list_says_what_people_need_to_decide(shop: Shop) -> None:
    in_doubt(shop)
    with reading(shop.engine) as connection:
        [letter] = letters(connection, IN_DOUBT, 10)
    assert (letter.contact, letter.step, letter.channel, letter.attempts) == ("c0", "Text", "sms", 1)
    assert letter.reason == "outcome_unknown"


def test_what_was_sent_lets_its_run_go_on(shop: Shop) -> None:
    [key] = in_doubt(shop)
    assert settle(shop, key, IN_DOUBT, SENT) == 1
    assert (len(shop.sms.attempts), len(shop.email.attempts)) == (1, 1)
    assert ("Text", "decided", "by hand") in shop.history("c0")


def test_what_shall_leave_again_does_so_under_the_same_key(shop: Shop) -> None:
    [key] = in_doubt(shop)
    settle(shop, key, IN_DOUBT, READY)
    assert [out.key for out in shop.sms.attempts] == [key, key]
    assert (shop.messages("c0")[0], len(shop.email.attempts)) == (("accepted", None), 1)


def test_what_is_given_up_lets_its_run_go_on_as_after_a_failure(shop: Shop) -> None:
    [key] = in_doubt(shop)
    settle(shop, key, IN_DOUBT, DEAD)
    assert (len(shop.sms.attempts), len(shop.email.attempts)) == (1, 1)
    assert settle(shop, key, DEAD, READY) == 1
    assert len(shop.sms.attempts) == 2


def test_all_means_all_of_that_state(shop: Shop) -> None:
    in_doubt(shop, 3)
    assert settle(shop, ALL, IN_DOUBT, SENT) == 3
    with reading(shop.engine) as connection:
        assert count_letters(connection, IN_DOUBT) == 0


def test_nothing_is_decided_twice(shop: Shop) -> None:
    [key] = in_doubt(shop)
    assert [settle(shop, key, IN_DOUBT, READY) for _ in range(2)] == [1, 0]
    assert len(shop.sms.attempts) == 2


def test_a_wrong_key_changes_nothing(shop: Shop) -> None:
    [key] = in_doubt(shop)
    with pytest.raises(ConductorError, match="is no key of a message here"):
        settle_letters(shop.engine, [key, "x"], (IN_DOUBT, SENT), shop.now, "by hand")
    assert shop.messages("c0")[0][0] == "ambiguous"


def test_a_dead_letter_is_tried_again_as_often_as_a_new_message(shop: Shop) -> None:
    key = dead(shop)
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    settle(shop, key, DEAD, READY)
    shop.pass_time("1h")
    assert (len(shop.sms.attempts), shop.messages("c0")[0][0]) == (2 * ATTEMPTS, "dead")


def test_a_dead_letter_whose_time_is_over_stays(shop: Shop) -> None:
    key = dead(shop)
    shop.pass_time("2d")
    assert (settle(shop, key, DEAD, READY), settle(shop, ALL, DEAD, READY)) == (0, 0)
    assert shop.messages("c0")[0][0] == "dead"


def test_a_dead_letter_to_somebody_who_has_left_does_not_leave(shop: Shop) -> None:
    key = dead(shop)
    shop.consent("c0", "sms", "unsubscribed")
    settle(shop, key, DEAD, READY)
    assert (len(shop.sms.attempts), shop.messages("c0")) == (ATTEMPTS, [("cancelled", "opted_out")])


def test_the_history_checker_excuses_what_people_have_decided(shop: Shop) -> None:
    """A dead letter that is sent after the next message of its run is out of order, but nobody promised otherwise."""
    key = dead(shop, TWO)
    settle(shop, key, DEAD, READY)
    assert [verdict for verdict in verify(shop.engine, host()).verdicts if verdict.broken] == []
