"""The signature of Twilio's calls: whoever does not know the secret can make none.

It covers the address with its query, and every field of a form; of any other body a hash that stands in the query.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha1, sha256
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit

from conductor_dsl.api import WebRequest

_HEADER = "x-twilio-signature"
_SETTINGS = "x-twilio-webhooks-signature-settings"
_FORM = "application/x-www-form-urlencoded"
_PORTS = {"http": 80, "https": 443}
_HASHES = {"HMAC_SHA1": sha1, "HMAC_SHA256": sha256}
_MOST_FIELDS = 1_000
Fields = list[tuple[str, str]]


def sign(secret: str, url: str, fields: Fields, algorithm: str = "HMAC_SHA1") -> str:
    """The signature of a call; a field with a value counts once however often it stands there."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(secret.encode(), text.encode("utf-8", "surrogateescape"), _HASHES[algorithm])
    return b64encode(digest.digest()).decode()


def fields_of(request: WebRequest) -> Fields:
    """The fields of a form; none where the body is something else. Raises ValueError for one that cannot be read."""
    if not is_form(request):
        return []
    body = request.body.decode("ascii", "surrogateescape")
    return parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)


def is_form(request: WebRequest) -> bool:
    """Whether the body is a form."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM


def is_genuine(secret: str, request: WebRequest, fields: Fields) -> bool:
    """Whether the call was signed with the secret, as a whole, at this address with or without its port."""
    algorithm = _algorithm(request.headers)
    if algorithm not in _HASHES or not (is_form(request) or _body_is_named(request)):
        return False
    given = request.headers.get(_HEADER, "").encode()
    signatures = (sign(secret, url, fields, algorithm).encode() for url in _urls(request.url))
    return any(hmac.compare_digest(signature, given) for signature in signatures)


def _algorithm(headers: Mapping[str, str]) -> str:
    for part in headers.get(_SETTINGS, "").split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def _body_is_named(request: WebRequest) -> bool:
    """Whether the query names the body by its hash; no body needs no name."""
    named = parse_qs(urlsplit(request.url).query).get("bodySHA256")
    if named is None:
        return not request.body
    return hmac.compare_digest(sha256(request.body).hexdigest().encode(), named[0].encode())


def _urls(url: str) -> Iterator[str]:
    """The address as it is, and with the port of its scheme added or taken away: Twilio signs either."""
    yield url
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:  # no address has such a port
        return
    if port:
        yield _at(parts, parts.netloc.removesuffix(f":{port}"))
    else:
        yield _at(parts, f"{parts.netloc}:{_PORTS.get(parts.scheme, 80)}")


def _at(parts: SplitResult, netloc: str) -> str:
    return parts._replace(netloc=netloc).geturl()
