"""Which columns a file must have, and which of its columns are probably meant otherwise."""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType

from conductor_dsl.runtime.ingest.kinds import Kind
from conductor_dsl.runtime.ingest.nouns import ImportOptions
from conductor_dsl.shared.errors import ImportFileError
from conductor_dsl.shared.nearest import nearest

_MEANT = MappingProxyType(
    {
        "mail": "email",
        "emailaddress": "email",
        "phone": "mobile",
        "phonenumber": "mobile",
        "mobilephone": "mobile",
        "mobilenumber": "mobile",
        "cell": "mobile",
        "cellphone": "mobile",
        "sms": "mobile",
        "forename": "first_name",
        "givenname": "first_name",
        "surname": "last_name",
        "familyname": "last_name",
        "timezone": "zone",
        "tz": "zone",
        "countrycode": "country",
        "id": "key",
        "contactid": "key",
        "contactkey": "key",
        "customerid": "key",
        "customer": "contact",
        "ordernumber": "order_id",
        "orderno": "order_id",
        "date": "placed_at",
        "orderdate": "placed_at",
        "createdat": "placed_at",
        "amount": "total",
        "listname": "list",
        "status": "action",
        "productid": "sku",
        "articlenumber": "sku",
        "itemnumber": "sku",
        "title": "name",
        "productname": "name",
        "amountinstock": "stock",
        "inventory": "stock",
        "quantity": "stock",
        "qty": "stock",
        "saleprice": "price",
        "link": "url",
        "imageurl": "image",
        "picture": "image",
        "cart": "cart_id",
        "cartkey": "cart_id",
        "carturl": "url",
        "updatedat": "at",
        "lastactivity": "at",
        "timestamp": "at",
        "time": "at",
        "event": "name",
        "eventname": "name",
        "coupon": "code",
        "couponcode": "code",
        "discountcode": "code",
        "promocode": "code",
        "vouchercode": "code",
        "expires": "expires_at",
        "expiry": "expires_at",
        "expirydate": "expires_at",
        "expirationdate": "expires_at",
        "validuntil": "expires_at",
    }
)
"""What other systems call our columns, without spaces and signs."""

_CONTACT_IN_OTHERS = frozenset({"id", "contactid", "contactkey", "customerid", "key"})


def check_columns(file: str, header: Collection[str], kind: Kind) -> None:
    """Raise ImportFileError where a required column is missing."""
    for name in kind.required:
        if name not in header:
            meant = [column for column in header if _meant(column, kind) == name]
            hint = f"is it `{meant[0]}`? then rename it" if meant else f"the columns are {_listed(header)}"
            raise ImportFileError(f"{file}:1: there is no column `{name}`", hint=hint)


def column_warnings(header: Collection[str], kind: Kind, options: ImportOptions) -> tuple[tuple[str, str], ...]:
    """(message, hint) for every column that is probably misspelt, or that nothing reads."""
    found: list[tuple[str, str]] = []
    for column in header:
        if column in kind.known or column in options.fields or column.startswith("_"):
            continue
        meant = _meant(column, kind)
        if meant and meant not in header:
            found.append((f"the column `{column}` is not `{meant}`", f"rename it to `{meant}` if that is what it is"))
        elif not kind.keeps_all:
            found.append((f"the column `{column}` is not read", f"the columns are {_listed(kind.known)}"))
    return tuple(found)


def _meant(column: str, kind: Kind) -> str | None:
    """The known column that a name stands for, by another system's habit or by its spelling."""
    plain = "".join(letter for letter in column.casefold() if letter.isalnum())
    if "contact" in kind.known and plain in _CONTACT_IN_OTHERS:
        return "contact"
    if plain in _MEANT:
        return _MEANT[plain] if _MEANT[plain] in kind.known else None
    by_plain = {name.replace("_", ""): name for name in kind.known}
    near = plain if plain in by_plain else _near(plain, by_plain)
    return by_plain[near] if near else None


def _near(plain: str, known: Collection[str]) -> str | None:
    """The nearest known name, unless it is another word: columns of the shop's own are not to be nagged about."""
    near = nearest(plain, known)
    return near if near and len(near) >= 4 and abs(len(near) - len(plain)) <= 1 and near[0] == plain[0] else None


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in list(names)[:12]) or "none"
