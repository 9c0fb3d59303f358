"""Links of our own: an address that says who and which list, and that nobody can make up."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import b2a_base64
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest

_DIGITS = 32
_FOR_LINKS = bytes.maketrans(b"+/", b"-_")
CONFIRM_PATH = "/confirm/{token}"
"""Where contacts confirm at our own address that they want a list."""
_CONFIRM = "confirm "


def link_token(secret: str, contact: int, list_: str) -> str:
    """A word for an address, which stands for a contact and a list: letters, digits, `-` and `_` only."""
    meant = f"{contact:x}.{list_}".encode()
    signed = _keyed(secret).copy()
    signed.update(meant)
    return signed.hexdigest() + b2a_base64(meant, newline=False).translate(_FOR_LINKS).decode().rstrip("=")


def token_to_link(secret: str, token: str) -> tuple[int, str] | None:
    """The contact and the list that a token stands for; None where it is none of this database, or is not whole."""
    try:
        rest = token[_DIGITS:]
        meant = urlsafe_b64decode(rest + "=" * (-len(rest) % 4)).decode()
        contact, _, list_ = meant.partition(".")
        found = int(contact, 16), list_
    except ValueError:
        return None
    return found if compare_digest(link_token(secret, *found).encode(), token.encode()) else None


def confirm_token(secret: str, contact: int, list_: str) -> str:
    """As `link_token`, for the address at which a contact says yes once more to a list; no other token does that."""
    return link_token(secret, contact, _CONFIRM + list_)


def token_to_confirm(secret: str, token: str) -> tuple[int, str] | None:
    """The contact and the list of a `confirm_token`; None for every other one."""
    link = token_to_link(secret, token)
    return (link[0], link[1].removeprefix(_CONFIRM)) if link and link[1].startswith(_CONFIRM) else None


@lru_cache(maxsize=16)
def _keyed(secret: str) -> blake2b:
    """A hash that has read the secret, to go on from a copy: a link is made for every e-mail."""
    return blake2b(digest_size=_DIGITS // 2, key=secret.encode(), person=b"conductor-link")
