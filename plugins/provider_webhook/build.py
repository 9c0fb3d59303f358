"""From the settings of the provider `http` to the provider."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conductor_dsl.api import ChannelProvider, ConfigError, Duration, ProviderSetting
from conductor_plugins.provider_webhook.signature import Signer, read_secrets

OPTIONS = ("secret", "timeout", "parallel", "deduplicates", "ca_file")
SHORTEST, LONGEST = 1_000, 3_000
"""Milliseconds that one call may be given: a call to a provider should take less than 4 s."""
MOST_PARALLEL = 100


def build(setting: ProviderSetting) -> ChannelProvider:
    """The provider; raises ConfigError for an option that cannot be used, or if the extra is not installed."""
    given = setting.options
    unknown = sorted(set(given) - set(OPTIONS))
    if unknown:
        hint = f"its options are {', '.join(f'`{name}`' for name in OPTIONS)}"
        raise ConfigError(f"the provider `http` has no option `{unknown[0]}`", hint=hint)
    try:
        from conductor_plugins.provider_webhook.provider import HttpProvider, Manner  # noqa: PLC0415
    except ImportError as error:
        hint = "install them: pip install 'conductor-dsl[webhook]'"
        raise ConfigError(f"the provider `http` lacks a package: {error.name}", hint=hint) from None
    manner = Manner(
        hosts=frozenset(host.lower() for host in setting.hosts),
        private=frozenset(setting.private),
        timeout=_timeout(given),
        parallel=_parallel(given),
        deduplicates=_deduplicates(given),
    )
    provider: ChannelProvider = HttpProvider(manner, _signer(given), _trust(given, setting.folder), setting.clock)
    return provider


def _signer(given: Mapping[str, Any]) -> Signer:
    hint = 'write `secret = { env = "WEBHOOK_SECRET" }`, and set that to `whsec_` with 32 random bytes in base64'
    secret = given.get("secret", "")
    if not isinstance(secret, str) or not secret.strip():
        raise ConfigError("the provider `http` has no `secret` to sign with", hint=hint)
    try:
        return Signer(read_secrets(secret))
    except ValueError as error:
        raise ConfigError(f"the `secret` of the provider `http` cannot be used: {error}", hint=hint) from None


def _timeout(given: Mapping[str, Any]) -> float:
    """Seconds."""
    try:
        milliseconds = Duration.parse(given.get("timeout", "3s")).after(0)
    except (ValueError, TypeError, AttributeError):
        milliseconds = 0
    if not SHORTEST <= milliseconds <= LONGEST:
        hint = f'write `timeout = "3s"`; {LONGEST // 1_000}s at most, so that a slow host holds nobody up'
        raise ConfigError("`timeout` of the provider `http` is not a duration that it can wait", hint=hint)
    return milliseconds / 1_000


def _parallel(given: Mapping[str, Any]) -> int:
    parallel = given.get("parallel", 16)
    if not isinstance(parallel, int) or isinstance(parallel, bool) or not 1 <= parallel <= MOST_PARALLEL:
        hint = f"write `parallel = 16`; {MOST_PARALLEL} at most"
        raise ConfigError("`parallel` of the provider `http` is not a number of calls", hint=hint)
    return parallel


def _deduplicates(given: Mapping[str, Any]) -> bool:
    deduplicates = given.get("deduplicates", True)
    if not isinstance(deduplicates, bool):
        raise ConfigError("`deduplicates` of the provider `http` is not `true` or `false`")
    return deduplicates


def _trust(given: Mapping[str, Any], folder: str) -> ssl.SSLContext:
    """Whose certificates count: those the system trusts, and those of a file."""
    trust = ssl.create_default_context()
    ca_file = given.get("ca_file")
    if ca_file is None:
        return trust
    try:
        trust.load_verify_locations(cafile=Path(folder) / ca_file)
    except (OSError, TypeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        hint = "it is a file with certificates in PEM form"
        raise ConfigError(f"`ca_file` of the provider `http` cannot be read: {reason}", hint=hint) from None
    return trust
