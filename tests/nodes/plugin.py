"""The witness as a plugin, so that real nodes send through it: `provider = "witness"`, with `log` and `seed`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from conductor_dsl.api import ChannelProvider, ProviderSetting, ProviderType, SystemClock, hookimpl
from tests.crash.witness import Witness

LIFE = "CONDUCTOR_TEST_LIFE"
"""The variable with the name of the life, which the witness writes behind what it is given."""
LAST = "last"
"""What the names of the lives begin with that finish the work."""
BUSY = 0.002
"""The share of messages that are refused for now: they are tried again after a minute, in real time."""


def _build(setting: ProviderSetting) -> ChannelProvider:
    life = os.environ[LIFE]
    seed = f"{setting.options['seed']} {life}"
    busy = 0.0 if life.startswith(LAST) else BUSY
    return Witness(Path(str(setting.options["log"])), SystemClock(), seed, whom=life, busy=busy)


@hookimpl
def conductor_providers() -> Sequence[ProviderType]:
    """The provider `witness`."""
    return (ProviderType("witness", ("sms", "email"), _build),)


def install(folder: Path) -> Path:
    """Make a folder that installs it, as a third party's would be, when it is on the path; returns the folder."""
    about = folder / "witness-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: witness\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[conductor]\nwitness = tests.nodes.plugin\n")
    return folder
