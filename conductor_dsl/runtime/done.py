"""Done: what a turn of a node has come to, of which others hear."""

from __future__ import annotations

from conductor_dsl.runtime.advance import Advanced
from conductor_dsl.runtime.alerts import Alerted
from conductor_dsl.runtime.audience import Looked
from conductor_dsl.runtime.call_out import Failed as CallFailed
from conductor_dsl.runtime.call_out import Given
from conductor_dsl.runtime.chances import Met, Surveyed
from conductor_dsl.runtime.digest import Told
from conductor_dsl.runtime.dispatch import Dispatched
from conductor_dsl.runtime.happenings import Happened
from conductor_dsl.runtime.inbox import Noted
from conductor_dsl.runtime.prune import Pruned
from conductor_dsl.shared.errors import PluginError

Done = (
    Looked
    | Alerted
    | Met
    | Surveyed
    | Advanced
    | Dispatched
    | Noted
    | Happened
    | Told
    | Pruned
    | Given
    | CallFailed
    | PluginError
)
