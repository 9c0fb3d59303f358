"""What the provider `twilio` takes from `conductor.toml`."""

from __future__ import annotations

import pytest

from conductor_dsl.api import ConfigError
from conductor_dsl.cli.provider_sim import ACCOUNT
from conductor_plugins.provider_twilio.options import read_options
from tests.plugin.twilio import options


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"acount_sid": "x"}, "has no option `acount_sid`"),
        ({"account_sid": "AC1"}, "no `account_sid`"),
        ({"auth_token": ""}, "no `auth_token`"),
        ({"auth_token": "a\nb"}, "no `auth_token`"),
        ({"messaging_service_sid": "AC" + "1" * 32}, "no `messaging_service_sid`"),
        ({"base_url": "api.twilio.com"}, "not a web address"),
        ({"base_url": "https://a:99999"}, "not a web address"),
        ({"base_url": "http://api.twilio.com"}, "does not begin with `https://`"),
        ({"timeout": "0s"}, "`timeout`"),
        ({"timeout": 3}, "`timeout`"),
        ({"timeout": "2m"}, "`timeout`"),
        ({"settle": "soon"}, "`settle`"),
        ({"connections": 0}, "`connections`"),
        ({"connections": True}, "`connections`"),
    ],
)
def test_an_option_it_cannot_use_is_refused(more: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told) as refused:
        read_options({**options("https://api.twilio.com"), **more})
    assert refused.value.hint


def test_what_is_not_said_has_a_usual_value() -> None:
    found = read_options({"account_sid": ACCOUNT, "auth_token": "t"})
    assert (found.base_url.geturl(), found.timeout, found.settle, found.connections, found.signing_key) == (
        "https://api.twilio.com",
        5_000,
        30_000,
        8,
        "t",
    )
