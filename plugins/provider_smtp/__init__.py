"""The provider `smtp`: hands e-mails to a mail server over TLS, with a login, on connections that are kept.

    [email]
    provider = "smtp"
    from = "Alder Coffee <hello@alder.example>"
    host = "smtp.alder.example"
    username = "conductor"
    password = { env = "SMTP_PASSWORD" }

`settings.py` has the other options with their defaults.
"""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import ChannelProvider, ProviderSetting, ProviderType, hookimpl


def _build(setting: ProviderSetting) -> ChannelProvider:
    # Checking a script loads this module for its words; what talks to servers is needed only to send.
    from conductor_plugins.provider_smtp.provider import SmtpProvider  # noqa: PLC0415
    from conductor_plugins.provider_smtp.settings import read_settings  # noqa: PLC0415

    settings = read_settings(setting.options, setting.folder)
    provider: ChannelProvider = SmtpProvider(settings, setting.clock, setting.hear)
    return provider


SMTP = ProviderType("smtp", ("email",), _build, "hands e-mails to a mail server over TLS, with a login")


@hookimpl
def conductor_providers() -> Sequence[ProviderType]:
    """The provider `smtp`."""
    return (SMTP,)
