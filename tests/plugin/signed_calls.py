"""Calls as Twilio makes them, and the same calls changed on their way; decided by a seed, and signed by nobody yet."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SECRET = "12345678901234567890123456789012"
ALGORITHMS = ("", "HMAC_SHA1", "HMAC_SHA256")
Fields = tuple[tuple[str, str], ...]


class Call(NamedTuple):
    """A call: `fields` of a form, or else a `body`. `signature` is what it claims."""

    url: str
    fields: Fields
    body: str
    type: str
    algorithm: str
    signature: str
    secret: str = SECRET

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        return (urlencode(self.fields) if self.type == FORM else self.body).encode()


HOSTS = ("https://shop.example", "https://shop.example:443", "https://shop.example:8443", "http://shop.example:80")
PATHS = ("/callbacks/sms", "/callbacks/sms?key=7f00a1x1x2x3x4x5", "/a%20b/?x=1&y=%C3%A9&x=2", "/callbacks/sms/")
STATUS: Fields = (
    ("MessageSid", "SM11111111111111111111111111111111"),
    ("MessageStatus", "delivered"),
    ("To", "+17175550100"),
    ("From", "34567"),
    ("AccountSid", "AC00000000000000000000000000000000"),
)
INBOUND: Fields = (
    ("Body", "Grüße & 100 % 👩‍👩‍👧 = ok?\nStop + go"),
    ("From", "+17175550100"),
    ("FromCity", ""),
    ("MessageSid", "MM22222222222222222222222222222222"),
    ("NumMedia", "2"),
    ("MediaUrl0", "https://media.example/1?a=b&c=d"),
    ("MediaUrl1", "https://media.example/2"),
    ("To", "34567"),
    ("messageSid", "  untrimmed "),
)
REPEATED: Fields = (("MediaUrl", "b"), ("MediaUrl", "a"), ("MediaUrl", "b"), ("Body", "x"), ("body", "X"))
BODY = '{"type": "message", "text": "Grüße", "n": [1, 2]}'


def genuine() -> Iterator[Call]:
    """Every address with every kind of content, unsigned."""
    for number, (host, path) in enumerate((host, path) for host in HOSTS for path in PATHS):
        algorithm = ALGORITHMS[number % 3]
        for fields in (STATUS, INBOUND, REPEATED):
            yield Call(host + path, fields, "", FORM, algorithm, "")
        named = f"{host}{path}{'&' if '?' in path else '?'}bodySHA256={sha256(BODY.encode()).hexdigest()}"
        yield Call(named, (), BODY, JSON, algorithm, "")
        yield Call(host + path, (), "", "", algorithm, "")


def changed(call: Call, dice: Random) -> Call:
    """A signed call with one change, which may or may not matter."""
    return dice.choice(_CHANGES)(call, dice)


def _signature(call: Call, dice: Random) -> Call:
    text = call.signature
    place = dice.randrange(len(text))
    other = dice.choice([letter for letter in "ABCDabcd0123+/=" if letter != text[place]])
    given = (text[:place] + other + text[place + 1 :], text[:-1], text + "=", "", text.lower(), text + " ", text * 2)
    return call._replace(signature=dice.choice(given))


def _secret(call: Call, dice: Random) -> Call:
    return call._replace(secret=call.secret[:-1] + dice.choice("abc"))


def _algorithm(call: Call, dice: Random) -> Call:
    return call._replace(algorithm=dice.choice((*ALGORITHMS, "HMAC_MD5", "none")))


def _url(call: Call, dice: Random) -> Call:
    url = call.url
    place = dice.randrange(len("https://"), len(url))
    letters = (
        url[:place] + dice.choice("xyzq9") + url[place:],
        url[: place - 1] + url[place:],
        url + "&z=1",
        url + "/",
    )
    return call._replace(url=dice.choice(letters))


def _host(call: Call, dice: Random) -> Call:
    url = call.url
    at = url.index("/", 8)
    host = url[:at]
    bare = host.rpartition(":")[0] if host.count(":") == 2 else host
    ports = (bare, *(f"{bare}:{port}" for port in (443, 80, 8443)))
    hosts = (*ports, bare.replace("https", "http"), bare.replace("shop", "shoq"))
    return call._replace(url=dice.choice(hosts) + url[at:])


def _field(call: Call, dice: Random) -> Call:
    fields = list(call.fields)
    if not fields:
        return call._replace(fields=(("Body", "x"),), type=FORM, body="")
    place = dice.randrange(len(fields))
    name, value = fields[place]
    match dice.randrange(8):
        case 0:
            del fields[place]
        case 1:
            fields[place] = (name, value + dice.choice("x 0"))
        case 2:
            fields[place] = (name, value.strip()[:-1])
        case 3:
            fields[place] = (name.swapcase(), value)
        case 4:
            fields.append((name, value))  # which changes nothing: a field with a value counts once
        case 5:
            fields.append((name, value + "1"))
        case 6:
            fields.append((f"New{dice.randrange(9)}", ""))
        case _:
            dice.shuffle(fields)
    return call._replace(fields=tuple(fields))


def _body(call: Call, dice: Random) -> Call:
    if call.type != JSON:
        return _field(call, dice)
    place = dice.randrange(len(call.body))
    bodies = (call.body[:place] + "z" + call.body[place:], call.body[:-1], "", call.body + "\n")
    return call._replace(body=dice.choice(bodies))


def _type(call: Call, dice: Random) -> Call:
    if call.type == FORM:
        return call._replace(type=JSON, fields=(), body=urlencode(call.fields))
    return _url(call, dice)


def _name(call: Call, dice: Random) -> Call:
    url = call.url.replace("bodySHA256", dice.choice(("bodySHA1", "bodysha256", "x")))
    return call._replace(url=url) if url != call.url else _host(call, dice)


_CHANGES = (_signature, _secret, _algorithm, _url, _host, _field, _field, _body, _type, _name)
