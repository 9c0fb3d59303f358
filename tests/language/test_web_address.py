"""Only public hosts are called, over an encrypted connection."""

from __future__ import annotations

import pytest

from conductor_dsl.language.web_address import address_problem, host_of, host_problem


@pytest.mark.parametrize(
    "address",
    ["https://hooks.shop.example", "https://a.b-c.example:8443/x/y?z=1&w=%20", "https://XN--BCHER-KVA.example/"],
)
def test_a_public_address_is_good(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://shop.example",
        "ftp://shop.example",
        "//shop.example",
        "https://",
        "https:///path",
        "https://shop",
        "https://shop.local/",
        "https://metadata.google.internal/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/",
        "https://0177.0.0.1/",
        "https://1.2.3.4.5/",
        "https://user@shop.example/",
        "https://user:secret@shop.example/",
        "https://shop.example@evil.example/",
        "https://shop.example\\@evil.example/",
        "https://shop.example/#fragment",
        "https://shop.example/\nHost: evil.example",
        "https://shöp.example/",
        "https://shop_.example/",
        "https://-shop.example/",
        "https://shop.example./",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        f"https://shop.example/{'x' * 2_000}",
    ],
)
def test_what_is_not_a_public_address_is_refused(address: str) -> None:
    assert address_problem(address) is not None


def test_the_host_is_what_would_be_called() -> None:
    assert host_of("https://Shop.Example:8443/a@b.example") == "shop.example"
    assert host_of("https://shop.example@evil.example/") == "evil.example"


@pytest.mark.parametrize(
    "host", ["", "localhost", "shop", "shop.example/path", "https://shop.example", "*.shop.example"]
)
def test_settings_name_hosts_alone(host: str) -> None:
    assert host_problem(host) is not None
