"""What an operation works with: the batch in hand, the program, and the one instant of the pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.expressions import Expression
from conductor_dsl.program.condition_to_sql import condition_to_sql, value_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.operations import Stop
from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.rules import NO_RULES, Rules
from conductor_dsl.store.batches import batch, led_by
from conductor_dsl.store.insert_missing import insert_new
from conductor_dsl.store.intents import Lease
from conductor_dsl.store.runs import END_OF_CHAIN, MOVING
from conductor_dsl.store.tables import contact, history, metadata, run


@dataclass(frozen=True, slots=True)
class Frame:
    """A pass of one batch through a program, within one transaction.

    `zones` are those of the whole batch; nothing in a pass changes them. At the step `noted` the claim has noted
    what a message asks of the contacts. What is written under a `lease` is claimed already: it leaves once the pass is
    committed.
    """

    connection: sa.Connection
    programs: Programs
    loaded: Loaded
    now: Instant
    rules: Rules = NO_RULES
    zones: tuple[str, ...] = ()
    noted: int | None = None
    lease: Lease | None = None

    def standing_at(self, step: int) -> sa.ColumnElement[bool]:
        """The rows of the batch that the operation of this step works on."""
        return sa.and_(batch.c.pos == step, batch.c.state == MOVING)

    def facts(self) -> SqlFacts:
        """What predicates may read about the contacts of the batch."""
        own = sa.select(run.c.payload).where(
            run.c.contact_id == batch.c.contact_id,
            run.c.conversation_id == self.loaded.conversation_id,
            run.c.entry_no == batch.c.entry_no,
        )
        # Inside a subquery, too, the batch is the one that the whole statement works on.
        payload = own.correlate_except(run)
        return SqlFacts(
            metadata.tables,
            self.now,
            self.programs.host.predicates,
            self.loaded.asking,
            payload.scalar_subquery(),
            batch.c.zone,
        )

    def condition(self, expression: Expression) -> sa.ColumnElement[bool]:
        """A condition over `contact` and the batch."""
        return condition_to_sql(expression, self.facts())

    def value(self, expression: Expression) -> sa.ColumnElement[Any]:
        """A value over `contact` and the batch."""
        return value_to_sql(expression, self.facts())

    def decide(self, step: int, verdict: sa.ColumnElement[str], *, alone: bool = False) -> None:
        """Write a verdict for each row at a step: an expression over `contact` and the batch, or the batch `alone`."""
        decided = sa.update(batch).where(self.standing_at(step))
        decided = decided if alone else decided.where(contact.c.id == led_by(batch.c.contact_id))
        self.connection.execute(decided.values(verdict=verdict))

    def route(
        self, step: int, targets: Mapping[str, int | None], *, ended: RunState, reason: str | None = None
    ) -> None:
        """Move each row at the step to the target of its verdict; without a target its run ends.

        `reason` of an ended run is the verdict itself unless given.
        """
        onward = {verdict: target for verdict, target in targets.items() if target is not None}
        stops = {verdict: stop for verdict, target in onward.items() if (stop := self._stop_at(target))}
        ends = {verdict: ended for verdict, target in targets.items() if target is None}
        ends |= dict.fromkeys(stops, RunState.COMPLETED)
        values: dict[str, Any] = {}
        if onward:
            values["pos"] = sa.case(onward, value=batch.c.verdict, else_=batch.c.pos)
        if ends:
            reasons = {verdict: stops[verdict].reason if verdict in stops else reason or verdict for verdict in ends}
            values["state"] = sa.case(ends, value=batch.c.verdict, else_=batch.c.state)
            values["reason"] = sa.case(reasons, value=batch.c.verdict)
        moved = sa.update(batch).where(self.standing_at(step), batch.c.verdict.in_(list(targets)))
        self.connection.execute(moved.values(values))

    def _stop_at(self, step: int) -> Stop | None:
        """The end that stands at a step: who is led to it has come to it, which saves another update of the batch."""
        operation = self.loaded.program.operations[step]
        return operation if isinstance(operation, Stop) else None

    def advance(self, step: int, target: int | None) -> None:
        """Move every row at the step to `target`; without one their runs end."""
        moved = sa.update(batch).where(self.standing_at(step))
        if target is None:
            moved = moved.values(state=RunState.COMPLETED, reason=END_OF_CHAIN)
        self.connection.execute(moved if target is None else moved.values(pos=target))

    def record(self, step: int, kind: HistoryKind, who: sa.ColumnElement[bool], reason: Any = None) -> None:
        """Add a row of history for each row of the batch that `who` describes."""
        columns = {
            "contact_id": batch.c.contact_id,
            "at": sa.literal(self.now, sa.BigInteger),
            "conversation_id": sa.literal(self.loaded.conversation_id, sa.BigInteger),
            "entry_no": batch.c.entry_no,
            "step": sa.literal(step, sa.Integer),
            "kind": sa.literal(kind.value),
            "reason": sa.literal(reason) if isinstance(reason, str) else sa.null() if reason is None else reason,
        }
        insert_new(self.connection, history, columns, sa.select(batch).where(who))

    def values_of(self, column: sa.Column[Any], step: int) -> set[Any]:
        """What a column of the batch holds in the rows at the step."""
        return set(self.connection.scalars(sa.select(column).where(self.standing_at(step)).distinct()))
