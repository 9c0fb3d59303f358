"""The provider `development`: writes messages into the database and prints them; nothing leaves the machine.

Options: `quiet = true` prints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import ANY_CHANNEL, ChannelProvider, ConfigError, ProviderSetting, ProviderType, hookimpl


def _build(setting: ProviderSetting) -> ChannelProvider:
    # Checking a script loads this module for its words; SQLAlchemy is needed only to send.
    from conductor_plugins.provider_development.provider import DevelopmentProvider  # noqa: PLC0415

    unknown = sorted(set(setting.options) - {"quiet"})
    if unknown:
        raise ConfigError(f"the provider `development` has no option `{unknown[0]}`", hint="its option is `quiet`")
    quiet = setting.options.get("quiet", False)
    if not isinstance(quiet, bool):
        raise ConfigError("`quiet` of the provider `development` is not `true` or `false`")
    provider: ChannelProvider = DevelopmentProvider(setting.engine, None if quiet else setting.echo)
    return provider


def _forget(setting: ProviderSetting, keys: Sequence[str]) -> None:
    from conductor_plugins.provider_development.provider import forget  # noqa: PLC0415 - as above

    forget(setting.engine, keys)


DEVELOPMENT = ProviderType(
    "development",
    ("sms", "email", "webhook", ANY_CHANNEL),
    _build,
    "writes messages into the table `development_message` and prints them",
    live=False,
    forget=_forget,
)


@hookimpl
def conductor_providers() -> Sequence[ProviderType]:
    """The provider `development`."""
    return (DEVELOPMENT,)
