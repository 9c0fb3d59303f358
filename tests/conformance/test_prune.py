"""What was over long ago is deleted, and everything else means what it meant, on both databases."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.cli.letters import settle_letters
from conductor_dsl.plugin.channels import OUTCOME_UNKNOWN, Mark, Receipt, Verdict
from conductor_dsl.program.states import IntentState
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.plan_pruning import Plan, plan_pruning
from conductor_dsl.runtime.prune import Pruned, begin, count_prunable, plan_duties, prune_batch
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import DAY
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.rules import Keep, Rules
from conductor_dsl.store import tables as t
from conductor_dsl.store.prune import Deleted
from conductor_dsl.store.retention_tables import EVENTS, PAST, tally
from conductor_dsl.store.summaries import run_counts, step_counts
from tests.at_once import at_once
from tests.conformance.shop import NOW, Shop, host
from tests.conformance.test_inbox import tell

SCRIPT = """
event signup { n text }
event left { n text }
conversation "C" { exit on left
  on signup -> sms "One" as "One" on_invalid pass -> wait 1d -> email saved:"Hello" as "Two" -> end "done"
}
"""
EVENT_LINES = "event signup { n text }\nevent left { n text }\n"
KEEP = Rules(keep=Keep("400d", "400d"))


def plan_of(shop: Shop, rules: Rules = KEEP) -> Plan:
    with shop.engine.connect() as connection:
        return plan_pruning(connection, shop.programs(), rules, shop.now)


def prune(shop: Shop, rules: Rules = KEEP) -> Deleted:
    """A whole pass over everything; what is told without deleting is what is then deleted."""
    plan, deleted = plan_of(shop, rules), Deleted()
    expected = count_prunable(shop.engine, plan)
    for kind in plan.horizons:
        begin(shop.engine, kind, plan)
        is_last = False
        while not is_last:
            batch = prune_batch(shop.engine, kind, plan)
            deleted, is_last = deleted + batch.deleted, batch.is_last
    assert deleted == expected
    return deleted


def broken(shop: Shop) -> list[str]:
    return [verdict.promise for verdict in verify(shop.engine, host()).verdicts if verdict.broken]


def counts(shop: Shop) -> tuple[object, object]:
    with shop.engine.connect() as connection:
        id_ = shop.programs().live[0].conversation_id
        return sorted(step_counts(connection, id_), key=str), sorted(run_counts(connection, id_), key=str)


def count(shop: Shop, table: sa.Table) -> int:
    return int(shop.rows(sa.select(sa.func.count()).select_from(table))[0][0])


def entered(shop: Shop, *keys: str) -> None:
    """Contacts enter, go through the conversation, and are out of it after two days."""
    for key in keys:
        shop.event(key, "signup", str(shop.now))
    shop.pass_time("2d")


@pytest.fixture
def old(shop: Shop) -> Shop:
    """Three contacts who entered in the first year, two of them again in the second, and one who only then did."""
    shop.publish(SCRIPT)
    for key in "abcd":
        shop.contact(key, mobile="12" if key == "c" else "+17175550100")
    entered(shop, "a", "b", "c")
    shop.clock.move_to(NOW + 410 * DAY)
    entered(shop, "a", "b", "d")
    return shop


def test_the_past_of_runs_goes_and_the_latest_run_of_each_contact_stays_as_a_row(old: Shop) -> None:
    before = counts(old)
    assert prune(old) == Deleted(runs=2, messages=5, history=4, events=7)
    assert [(row.entry_no, row.payload) for row in old.runs("a")] == [(2, old.runs("a")[0].payload)]
    assert [(row.entry_no, row.state, row.payload) for row in old.runs("c")] == [(1, "completed", None)]
    assert (len(old.intents("a")), len(old.intents("c")), len(old.history("c"))) == (2, 0, 0)
    assert counts(old) == before
    assert broken(old) == []
    assert prune(old) == Deleted()


def test_the_next_entry_counts_on_so_that_no_key_comes_again(old: Shop) -> None:
    keys = [out.key for out in old.sms.attempts]
    old.clock.move_to(NOW + 820 * DAY)
    prune(old)
    entered(old, "a", "c")
    assert [row.entry_no for row in old.runs("a")] == [2, 3]
    assert not {out.key for out in old.sms.attempts[len(keys) :]} & set(keys)
    assert broken(old) == []


def test_what_is_missing_beyond_what_was_deleted_is_found(old: Shop) -> None:
    prune(old)
    old.execute(sa.update(tally).where(tally.c.subject == "run").values(count=1))
    assert broken(old) == ["the counts add up"]


@pytest.mark.parametrize("rule", ["never", "after 90d"])
def test_rules_of_reentry_hold_after_the_past_is_gone(shop: Shop, rule: str) -> None:
    shop.publish(SCRIPT.replace("exit on left", f"reentry {rule}\n  exit on left"))
    shop.contact("a")
    entered(shop, "a")
    shop.clock.move_to(NOW + 410 * DAY)
    assert prune(shop).messages == 2
    entered(shop, "a")
    entered(shop, "a")
    assert len(shop.runs("a")) == (1 if rule == "never" else 2)


def test_what_is_open_stays_with_all_that_it_may_ask_for(shop: Shop) -> None:
    shop.publish(SCRIPT.replace("wait 1d", "wait 500d"))
    shop.contact("a")
    shop.contact("b")
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.AMBIGUOUS, OUTCOME_UNKNOWN)
    shop.sms.can_tell = False
    for key in "ab":
        shop.event(key, "signup")
    shop.run()
    shop.event("b", "left")
    shop.pass_time("450d")
    assert [row.state for row in shop.runs("b")] == ["exited"]
    prune(shop)
    # b has left, and its message has no verdict yet.
    assert (count(shop, t.intent), count(shop, t.run)) == (2, 2)
    assert [row.name for row in shop.rows(sa.select(t.event.c.name).order_by(t.event.c.name.desc()))] == [
        "subscribed",
        "signup",
    ]
    assert broken(shop) == []


def test_a_late_receipt_for_a_message_that_is_gone_does_nothing(old: Shop) -> None:
    first = old.sms.attempts[0]
    prune(old)
    before = old.rows(sa.select(t.intent).order_by(*t.intent.primary_key))
    tell(old, Receipt(first.key, Verdict.UNDELIVERED, code="late", mark=Mark.INVALID))
    assert old.rows(sa.select(t.intent).order_by(*t.intent.primary_key)) == before
    assert broken(old) == []


def test_what_people_have_decided_goes_with_the_message(shop: Shop) -> None:
    shop.publish(SCRIPT)
    shop.contact("a")
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.AMBIGUOUS, OUTCOME_UNKNOWN)
    shop.sms.can_tell = False
    shop.event("a", "signup")
    shop.pass_time("1m")
    states = (IntentState.AMBIGUOUS, IntentState.ACCEPTED)
    assert settle_letters(shop.engine, [shop.sms.attempts[0].key], states, shop.now, "by hand") == 1
    shop.pass_time("2d")
    assert ("One", "decided", "by hand") in shop.history("a")
    shop.clock.move_to(NOW + 450 * DAY)
    assert prune(shop).messages == 2
    assert (count(shop, t.history), broken(shop)) == (0, [])


def test_an_answer_of_the_engine_goes_but_for_the_latest(shop: Shop) -> None:
    shop.publish(SCRIPT)
    shop.contact("a")
    for number in range(3):
        shop.event("a", "sms.received", str(number), text="HELP", keyword="HELP", code="34567")
        shop.pass_time("10d")
    shop.clock.move_to(NOW + 450 * DAY)
    assert prune(shop).messages == 2
    assert [row.entry_no for row in shop.intents("a")] == [3]
    shop.event("a", "sms.received", "9", text="HELP", keyword="HELP", code="34567")
    shop.run()
    assert [row.entry_no for row in shop.intents("a")] == [3, 4]


CAPPED = 'conversation "C" { cap sms 3 per 1y\n  on signup -> sms "One" on_invalid pass -> end }'
ASKING = 'conversation "C" {{ on signup -> if {} {{ sms "One" on_invalid pass }} -> end }}'


@pytest.mark.parametrize(("script", "keep", "rules", "told"), [
    (CAPPED, "200d", (), "`C` asks `cap sms 3 per 1y`"),
    (ASKING.format("received within 300d"), "200d", (), "`C` asks `received within 300d`"),
    (ASKING.format("times_clicked within 300d > 2"), "200d", (), "`C` asks `times_clicked within 300d`"),
    (ASKING.format("happened left within 300d"), "200d", (), "`C` asks `happened within 300d`"),
    (ASKING.format("order_count > 3"), "200d", (("sms", 3, "1y"),), "[caps] has `sms = 3 per 1y`"),
    (ASKING.format("order_count > 3"), "30d", (), "`30d` is too short"),
])  # fmt: skip
def test_nothing_is_deleted_that_a_script_looks_back_for(
    shop: Shop, script: str, keep: str, rules: tuple[tuple[str, int, str], ...], told: str
) -> None:
    shop.publish(EVENT_LINES + script)
    with pytest.raises(ConductorError) as refused:
        plan_of(shop, Rules(caps=rules, keep=Keep(keep, keep)))
    assert told in str(refused.value)
    assert refused.value.hint
    plan = plan_of(shop, Rules(caps=rules, keep=Keep("400d", "400d")))
    assert set(plan.horizons) == {PAST, EVENTS}
    assert plan.told == ()


def test_what_is_asked_of_any_age_stays_and_is_told(old: Shop) -> None:
    asking = 'if happened signup { set tier = "A" } -> if received of conversation:"C" { set tier = "B" } -> end'
    old.publish(SCRIPT + 'field tier text\nevent joined { n text }\nconversation "D" { on joined -> ' + asking + " }")
    assert plan_of(old).told == (
        "events `signup` stay: `D` asks `happened`, of any age",
        "messages of `C` stay: `D` asks `received`, of any age",
    )
    old.event("a", "left", at=NOW)
    assert prune(old) == Deleted(events=5)


def test_an_event_that_is_told_again_after_it_was_deleted_lets_nobody_in(old: Shop) -> None:
    prune(old)
    old.event("c", "signup", str(NOW), at=NOW)
    old.run()
    assert len(old.runs("c")) == 1
    assert prune(old) == Deleted(events=1)


def test_the_duty_deletes_between_other_work_and_tells_how_much(old: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor_dsl.runtime.prune.SLICE", 2)
    monkeypatch.setattr("conductor_dsl.runtime.prune.RUNS", 1)
    monkeypatch.setattr("conductor_dsl.runtime.prune.ROWS", 1)
    told: list[Done] = []
    node = replace(old.node, rules=KEEP, announce=told.append)
    with old.engine.begin() as connection:
        plan_duties(connection, host(), KEEP, old.now)
    due = node.run_due()
    assert [done.deleted for done in told if isinstance(done, Pruned) and done.deleted] == [7, 11]
    assert due == old.now + DAY
    assert broken(old) == []
    told.clear()
    old.clock.move_to(due)
    assert node.run_due() == old.now + DAY
    assert not any(done.deleted for done in told if isinstance(done, Pruned))


def test_the_duty_says_why_it_may_not_and_harms_nothing(old: Shop) -> None:
    told: list[Done] = []
    short = Rules(keep=Keep("91d"))
    with old.engine.begin() as connection:
        plan_duties(connection, host(), short, old.now)
    old.publish(EVENT_LINES + CAPPED)
    assert replace(old.node, rules=short, announce=told.append).run_due() == old.now + DAY
    [problem] = [done.problem for done in told if isinstance(done, Pruned) and done.problem]
    assert "cap sms 3 per 1y" in str(problem)
    assert count(old, t.run) == 6


def test_a_pass_that_breaks_off_anywhere_leaves_a_sound_history_and_goes_on(
    old: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_dsl.runtime.prune.RUNS", 1)
    monkeypatch.setattr("conductor_dsl.runtime.prune.ROWS", 1)
    plan, before = plan_of(old), counts(old)
    real, deleted = sa.delete, Deleted()

    def fails(table: sa.Table) -> Any:
        if table is t.run:
            raise TimeoutError
        return real(table)

    begin(old.engine, PAST, plan)
    for _ in range(3):
        monkeypatch.setattr(sa, "delete", fails)
        with pytest.raises(TimeoutError):
            prune_batch(old.engine, PAST, plan)
        monkeypatch.setattr(sa, "delete", real)
        assert (broken(old), counts(old)) == ([], before)
        deleted += prune_batch(old.engine, PAST, plan).deleted
        assert (broken(old), counts(old)) == ([], before)
    assert deleted == Deleted(runs=2, messages=5, history=4)


def test_messages_are_sent_while_the_past_is_deleted(old: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor_dsl.runtime.prune.RUNS", 1)
    keys = [f"n{number}" for number in range(20)]
    for key in keys:
        old.contact(key)
    for year in range(2):
        for key in keys:
            old.event(key, "signup", str(year))
        old.pass_time("2d")
    old.clock.move_to(old.now + 450 * DAY)
    for key in keys:
        old.event(key, "signup", "now")
    done: list[Deleted] = []
    pruning = Thread(target=lambda: done.append(prune_all(old)))
    pruning.start()
    while pruning.is_alive():
        old.pass_time("1d")
    pruning.join()
    old.pass_time("3d")
    assert done[0].runs == 2 * len(keys) + 2
    assert [len(old.intents(key)) for key in keys] == [2] * len(keys)
    assert broken(old) == []


def prune_all(shop: Shop) -> Deleted:
    plan, deleted = plan_of(shop), Deleted()
    begin(shop.engine, PAST, plan)
    while True:
        batch = prune_batch(shop.engine, PAST, plan)
        deleted += batch.deleted
        if batch.is_last:
            return deleted


def test_several_who_delete_at_once_share_the_work(old: Shop) -> None:
    before, deleted = counts(old), list[Deleted]()
    assert at_once(lambda: deleted.append(prune_all(old))) == []
    total = Deleted()
    for each in deleted:
        total += each
    assert total == Deleted(runs=2, messages=5, history=4)
    assert (counts(old), broken(old)) == (before, [])
