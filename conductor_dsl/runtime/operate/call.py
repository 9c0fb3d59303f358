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
    """Hand the contacts at the step to the function, once.

    What it raises leaves the batch as it was, and becomes a PluginError.
    """
    function = frame.programs.host.steps[call.function].function
    if function is None:
        raise PluginError(f"step `{call.function}` has nothing to call", hint="its plugin must give a `function`")
    joined = sa.select(contact).join(batch, batch.c.contact_id == contact.c.id).where(frame.standing_at(step))
    rows = [dict(row) for row in frame.connection.execute(joined).mappings()]
    try:
        function([row | {"fields": json.loads(row["fields"])} for row in rows], call.arguments)
    except Exception as problem:
        what = f"step `{call.function}` of `{frame.loaded.flow.name}` failed: {problem}"
        raise PluginError(what, hint="it is tried again in a minute") from problem
    frame.advance(step, call.next)
