"""The options of the provider `smtp`: what is wrong is said before the first message, and no secret with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor_dsl.api import ConfigError
from conductor_plugins.provider_smtp.settings import Security, SmtpSettings, read_settings

HOST = {"host": "smtp.shop.example"}


def read(folder: Path | str = "/", **options: Any) -> SmtpSettings:
    settings: SmtpSettings = read_settings(HOST | options, str(folder))
    return settings


@pytest.mark.parametrize(
    ("options", "security", "port"),
    [
        ({}, Security.STARTTLS, 587),
        ({"port": 465}, Security.TLS, 465),
        ({"port": 2525}, Security.STARTTLS, 2525),
        ({"security": "tls"}, Security.TLS, 465),
        ({"security": "none", "host": "localhost"}, Security.NONE, 25),
        ({"security": "none", "host": "::1", "port": 1025}, Security.NONE, 1025),
        ({"security": "none", "allow_unencrypted": True}, Security.NONE, 25),
    ],
)
def test_port_and_security_follow_from_each_other(options: dict[str, Any], security: Security, port: int) -> None:
    settings = read(**options)
    assert (settings.security, settings.port) == (security, port)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"host": ""}, "has no `host`", 'host = "smtp.shop.example"'),
        ({"hots": "x"}, "the provider `smtp` has no option `hots`", "did you mean `host`?"),
        ({"zzz": "x"}, "the provider `smtp` has no option `zzz`", "`host`, `security`"),
        ({"port": "587"}, "`port` of the provider `smtp` is not a number", "write `port = 4`"),
        ({"port": True}, "`port` of the provider `smtp` is not a number", "write `port = 4`"),
        ({"port": 70_000}, "`port` of the provider `smtp` is 70000", "choose 1 to 65535"),
        ({"connections": 0}, "`connections` of the provider `smtp` is 0", "choose 1 to 64"),
        ({"security": "startls"}, "unknown security `startls`", "did you mean `starttls`?"),
        ({"security": "none"}, "messages would go to `smtp.shop.example` unencrypted", "allow_unencrypted = true"),
        ({"security": "none", "host": "10.0.0.7"}, "messages would go to `10.0.0.7` unencrypted", "starttls"),
        ({"timeout": "10s"}, "`timeout` of the provider `smtp` is `10s`", '"3s"'),
        ({"timeout": "soon"}, "`timeout` of the provider `smtp` is `soon`", '"3s"'),
        ({"username": "u"}, "has a `username` and no `password`", 'password = { env = "SMTP_PASSWORD" }'),
        ({"password": "hush hush"}, "has a `password` and no `username`", "username"),
        ({"password": 17}, "`password` of the provider `smtp` is not a text", "write `password"),
        ({"ca_file": "none.pem"}, "cannot read the `ca_file` `/none.pem`: no such file", "relative to the folder"),
        ({"dkim": {"domain": "a.example"}}, "`dkim` of the provider `smtp` has no `selector`", "key_file"),
        ({"dkim": {"selctor": "s"}}, "`dkim` has no option `selctor`", "did you mean `selector`?"),
        ({"dkim": "s"}, "`dkim` of the provider `smtp` is not a table", "{ domain"),
        (
            {"dkim": {"domain": "a.example", "selector": "s", "key_file": "no.pem"}},
            "cannot read the `key_file` `/no.pem`",
            "relative",
        ),
    ],
)
def test_what_cannot_be_used_is_named_with_a_remedy(options: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(**options)
    assert message in str(caught.value)
    assert hint in str(caught.value.hint)
    assert "hush" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("option", ["ca_file", "key_file"])
def test_a_file_with_something_else_in_it_is_refused(option: str, tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("hello")
    dkim = {"domain": "a.example", "selector": "s", "key_file": "x.pem"}
    with pytest.raises(ConfigError, match=f"the `{option}` `{tmp_path}/x.pem` holds no"):
        read(tmp_path, **({"ca_file": "x.pem"} if option == "ca_file" else {"dkim": dkim}))


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "dkim.pem").write_text("-----BEGIN PRIVATE KEY-----\nhush\n")
    dkim = {"domain": "a.example", "selector": "s", "key_file": "dkim.pem"}
    shown = repr(read(tmp_path, username="u", password="hush", dkim=dkim))
    assert "hush" not in shown
