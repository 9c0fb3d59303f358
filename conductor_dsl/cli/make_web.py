"""The web server of `conductor serve`, where `conductor.toml` wants one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from conductor_dsl.project.settings import Settings
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.open_project import Carrier, by_callback
from conductor_dsl.shared.errors import ConfigError

if TYPE_CHECKING:
    from conductor_dsl.web.server import Server


def make_web(
    settings: Settings, node: Node, carriers: Mapping[str, Carrier], complain: Callable[[str], None]
) -> Server | None:
    """A server that has its address and is not open yet; None where `[web]` does not say `listen`.

    Raises ConfigError where the address cannot be had, or what serves is not installed.
    """
    if not settings.listen:
        return None
    try:
        # An extra: whoever only sends needs no web server.
        from conductor_dsl.web.app import Site, make_app  # noqa: PLC0415
        from conductor_dsl.web.server import Server  # noqa: PLC0415
    except ModuleNotFoundError as problem:
        hint = "`pip install 'conductor-dsl[web]'`, or take `listen` out of [web] in conductor.toml"
        raise ConfigError(f"to listen, the package `{problem.name}` is needed", hint=hint) from None
    return Server(make_app(Site(settings, node, by_callback(carriers), complain)), settings.listen)
