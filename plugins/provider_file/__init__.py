"""The provider `file`: writes e-mails as `.eml`, texts as `.txt`, and calls of other programs as `.http` files.

Options: `folder`, relative to the project, `outbox` by default; `fsync = true` survives a power cut, at the price of
speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_dsl.api import ANY_CHANNEL, ChannelProvider, ConfigError, ProviderSetting, ProviderType, hookimpl

if TYPE_CHECKING:
    from conductor_plugins.provider_file.provider import FileProvider


def _build(setting: ProviderSetting) -> ChannelProvider:
    provider: ChannelProvider = _open(setting)
    return provider


def _forget(setting: ProviderSetting, keys: Sequence[str]) -> None:
    _open(setting).forget(keys)


def _open(setting: ProviderSetting) -> FileProvider:
    # Checking a script loads this module for its words; what writes files is needed only to send.
    from conductor_plugins.provider_file.provider import FileProvider  # noqa: PLC0415

    unknown = sorted(set(setting.options) - {"folder", "fsync"})
    if unknown:
        hint = "its options are `folder` and `fsync`"
        raise ConfigError(f"the provider `file` has no option `{unknown[0]}`", hint=hint)
    folder, fsync = setting.options.get("folder", "outbox"), setting.options.get("fsync", False)
    if not isinstance(folder, str) or not folder:
        raise ConfigError("`folder` of the provider `file` is not a text")
    if not isinstance(fsync, bool):
        raise ConfigError("`fsync` of the provider `file` is not `true` or `false`")
    return FileProvider(Path(setting.folder) / folder, fsync=fsync)


FILE = ProviderType(
    "file",
    ("sms", "email", "webhook", ANY_CHANNEL),
    _build,
    "writes messages as .eml, .txt and .http files",
    live=False,
    forget=_forget,
)


@hookimpl
def conductor_providers() -> Sequence[ProviderType]:
    """The provider `file`."""
    return (FILE,)
