"""The provider `http`: calls other programs over HTTPS, signed as in Standard Webhooks.

Options: `secret`, `whsec_` with at least 24 bytes in base64, and while it is changed the old one after a space;
`timeout` of one call, `3s` by default; `parallel` calls of one host, 16; `deduplicates = false` for receivers that do
not heed `webhook-id`; `ca_file` with certificates of your own. Needs the extra `webhook`.
"""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import ChannelProvider, ProviderSetting, ProviderType, hookimpl


def _build(setting: ProviderSetting) -> ChannelProvider:
    # Checking a script loads this module for its words; TLS and what speaks HTTP are needed only to send.
    from conductor_plugins.provider_webhook.build import build  # noqa: PLC0415

    provider: ChannelProvider = build(setting)
    return provider


HTTP = ProviderType("http", ("webhook",), _build, "calls other programs over HTTPS, signed as in Standard Webhooks")


@hookimpl
def conductor_providers() -> Sequence[ProviderType]:
    """The provider `http`."""
    return (HTTP,)
