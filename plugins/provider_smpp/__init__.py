"""The provider `smpp`: hands texts to a carrier's SMS centre over SMPP 3.4, and hears receipts and replies from it.

    [sms]
    provider = "smpp"
    host = "smpp.carrier.example"
    port = 2775
    system_id = "alder"
    password = { env = "SMPP_PASSWORD" }

`settings.py` has the other options with their defaults. Needs the extra `smpp`.
"""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import ChannelProvider, ConfigError, ProviderSetting, ProviderType, hookimpl


def _build(setting: ProviderSetting) -> ChannelProvider:
    # Checking a script loads this module for its words; what talks to carriers is needed only to send.
    try:
        from conductor_plugins.provider_smpp.provider import SmppProvider  # noqa: PLC0415
        from conductor_plugins.provider_smpp.settings import read_settings  # noqa: PLC0415
    except ImportError as error:
        hint = "install them: pip install 'conductor-dsl[smpp]'"
        raise ConfigError(f"the provider `smpp` lacks a package: {error.name}", hint=hint) from None

    settings = read_settings(setting.options, setting.folder)
    provider: ChannelProvider = SmppProvider(settings, setting.clock, setting.engine, setting.hear)
    return provider


SMPP = ProviderType("smpp", ("sms",), _build, "hands texts to a carrier's SMS centre over SMPP 3.4")


@hookimpl
def conductor_providers() -> Sequence[ProviderType]:
    """The provider `smpp`."""
    return (SMPP,)
