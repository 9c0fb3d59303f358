"""Call: a plugin's function over the batch."""

from __future__ import annotations

import json

import sqlalchemy as sa

from conductor_dsl.program.operations import Call
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.shared.errors import PluginError
from conductor_dsl.store.batches import batch
from conductor_dsl.store.tables import contact


def operate(frame: Frame, step: int, call: Call) -> None:
    """Hand the contacts at the step to the function, once; what it raises leaves the batch as it was."""
    function = frame.programs.host.steps[call.function].function
    if function is None:
        raise PluginError(f"step `{call.function}` has nothing to call", hint="its plugin must give a `function`")
    joined = sa.select(contact).join(batch, batch.c.contact_id == contact.c.id).where(frame.standing_at(step))
    rows = [dict(row) for row in frame.connection.execute(joined).mappings()]
    function([row | {"fields": json.loads(row["fields"])} for row in rows], call.arguments)
    frame.advance(step, call.next)
