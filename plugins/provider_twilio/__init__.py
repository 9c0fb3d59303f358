"""The provider `twilio`: texts and pictures over the REST interface of Twilio, or of a service that speaks the same.

Options: `account_sid`, `auth_token`, `messaging_service_sid`, `base_url`, `timeout`, `connections`, `settle` and
`signing_key`; see `options.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import ChannelProvider, ProviderSetting, ProviderType, WebAnswer, WebRequest, hookimpl


def _build(setting: ProviderSetting) -> ChannelProvider:
    # Checking a script loads this module for its words; HTTP and SQLAlchemy are needed only to send.
    from conductor_plugins.provider_twilio.options import read_options  # noqa: PLC0415
    from conductor_plugins.provider_twilio.provider import TwilioProvider  # noqa: PLC0415

    options = read_options(setting.options)
    provider: ChannelProvider = TwilioProvider(options, setting.engine, setting.callback_url, clock=setting.clock)
    return provider


def _answer(setting: ProviderSetting, request: WebRequest) -> WebAnswer:
    from conductor_plugins.provider_twilio.options import read_options  # noqa: PLC0415
    from conductor_plugins.provider_twilio.request_to_answer import request_to_answer  # noqa: PLC0415

    answer: WebAnswer = request_to_answer(read_options(setting.options).signing_key, request)
    return answer


def _forget(setting: ProviderSetting, keys: Sequence[str]) -> None:
    from conductor_plugins.provider_twilio.attempts import forget  # noqa: PLC0415

    forget(setting.engine, keys)


TWILIO = ProviderType(
    "twilio",
    ("sms",),
    _build,
    "sends texts and pictures with Twilio, or a service that speaks the same",
    _answer,
    forget=_forget,
)


@hookimpl
def conductor_providers() -> Sequence[ProviderType]:
    """The provider `twilio`."""
    return (TWILIO,)
