"""Make the demo's contacts, orders and consents: `python make_data.py --contacts 1000 data`.

The same number of contacts gives the same files, byte for byte. Nobody real is in them: e-mail addresses end in
example.com, .org or .net, and phone numbers come from ranges that regulators keep free for tests and films:
555-0100 to 555-0199 in North America, +44 7700 900000 to 900999 (Ofcom), and a list of 30 in Australia (ACMA).
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import random
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from conductor_dsl.shared.draw import bucket_of, split_draw

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""The instant at which the demo begins; ages of orders and consents count back from here."""
SEED = 20260302

TEXTS, CUSTOMERS = "Winback texts", "Customers"
TEXTS_PROMISE = (
    "I agree to recurring automated marketing texts from Alder Coffee at the number provided. Consent is not a "
    "condition of purchase. Msg & data rates may apply. Reply HELP for help, STOP to opt out."
)
CUSTOMERS_PROMISE = "Yes, send me news and offers from Alder Coffee by e-mail. I can unsubscribe at any time."

# Non-Latin names carry the spelling that their owner uses in e-mail addresses.
NAMES: tuple[tuple[int, str, str], ...] = (
    (
        38,
        "Ada Olivia James Emma Liam Noah Grace Henry Chloe Wyatt Hannah Caleb Nora Theodore Ruth",
        "Smith Johnson Walker Bennett O'Connor Reed McAllister Hughes Brooks Sullivan Carter Whitfield Lowe",
    ),
    (
        16,
        "José María Sofía Mateo Lucía Andrés Ximena Iñaki Valentina Joaquín Belén Raúl",
        "García Hernández Muñoz Peña Rodríguez Ibáñez Vargas Núñez Castillo Córdova Rojas",
    ),
    (
        9,
        "Aaliyah Malik Imani Darnell Nia Kwame Zora Tyrone Adaeze Chidi",
        "Washington Jefferson Okafor Mensah Adeyemi Baptiste Freeman Diallo Banks",
    ),
    (8, "Priya Arjun Ananya Rohan Kavya Vikram Meera Aditya", "Patel Sharma Iyer Reddy Nair Banerjee Kapoor Singh"),
    (7, "Wei Mei-Ling Jun Xiu Hui Jia Min-jun Seo-yeon", "Wang Chen Liu Huang Zhang Kim Park Choi"),
    (6, "Jürgen Käthe Bjørn Åsa Søren Anneliese Günther Saga", "Müller Lindström Østergaard Weiß Schäfer Bergström"),
    (4, "Élodie François Zoë Benoît Maëlle Amélie", "Lefèvre Beauchêne Côté Désilets Gagné Tremblay"),
    (4, "Łukasz Agnieszka Zdeněk Jiřina Ferenc Ilona Şebnem", "Wójcik Kowalczyk Dvořák Szabó Nowak Şahin"),
    (3, "Nguyên Thảo Linh Đức Minh", "Nguyễn Trần Phạm Lê Đặng"),
    (3, "Layla Omar Yasmin Khalid Noor", "Haddad El-Masri Khan Rahman Farouk"),
)
NATIVE_NAMES: tuple[tuple[str, str, str], ...] = (
    ("美玲", "陳", "meiling.chen"), ("さくら", "佐藤", "sakura.sato"), ("지우", "김", "jiwoo.kim"),
    ("Мария", "Иванова", "maria.ivanova"), ("Γιώργος", "Παπαδόπουλος", "giorgos.p"), ("ליאור", "כהן", "lior.cohen"),
    ("أمينة", "حسن", "amina.hassan"), ("आरती", "वर्मा", "aarti.verma"),
)  # fmt: skip

# Letters that have no accent to take away.
UNACCENTED = str.maketrans({"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d"})

AUSTRALIA = (
    "570006 570156 570157 570158 570159 570110 570313 570737 571266 571491 571804 572549 572665 572983 573770 573087 "
    "574118 574632 575254 575789 576398 576801 577426 577644 578957 578148 578888 579212 579760 579455"
)

# Share per 100 contacts, zone, country, area codes (none: numbers of that country's own test range). The last line is
# people with American numbers who live abroad: a zone is a fact about a person, never to be guessed from a number.
PLACES: tuple[tuple[float, str, str, str], ...] = (
    (29.5, "America/New_York", "US", "212 215 305 404 410 617 717 919"),
    (16, "America/Chicago", "US", "312 414 504 512 612 615"),
    (7, "America/Denver", "US", "303 505 801"),
    (3, "America/Phoenix", "US", "480 602"),
    (20, "America/Los_Angeles", "US", "206 213 415 503 619 702"),
    (1, "America/Anchorage", "US", "907"),
    (2, "Pacific/Honolulu", "US", "808"),
    (7, "America/Toronto", "CA", "416 514 613"),
    (2, "America/Halifax", "CA", "902"),
    (1, "America/St_Johns", "CA", "709"),
    (2, "America/Winnipeg", "CA", "204"),
    (4, "America/Vancouver", "CA", "250 604"),
    (2, "Europe/London", "GB", ""),
    (2, "Australia/Sydney", "AU", ""),
    (1.5, "Europe/Berlin", "US", "202 646"),
)
AMERICAN_FORMS = (
    "({0}) {1}-{2}", "{0}.{1}.{2}", "{0}-{1}-{2}", "{0}{1}{2}", "+1 {0} {1} {2}", "+1{0}{1}{2}", "1 ({0}) {1}-{2}",
)  # fmt: skip
NO_NUMBERS = ("12", "555-CALL", "717-555-01", "none", "0000000000", "n/a", "(212) 555", "+1 999", "call the office")
NO_ADDRESSES = ("{0}.example.com", "{0}@", "{0}@@example.com", "{0} @example.org", "{0}@example..net", "@example.com")

PRODUCTS: tuple[tuple[str, str, int], ...] = (
    ("HOUSE-250", "House Blend, 250 g", 1450),
    ("HOUSE-1K", "House Blend, 1 kg", 4800),
    ("YIRG-250", "Yirgacheffe, washed, 250 g", 1900),
    ("HUILA-250", "Huila, natural, 250 g", 1800),
    ("DECAF-250", "Swiss Water Decaf, 250 g", 1650),
    ("FILTER-100", "Paper filters, 100", 850),
    ("DRIPPER", "Ceramic dripper", 3200),
    ("GRINDER", "Hand grinder", 11900),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One line of contacts.csv; addresses are as people typed them."""

    key: str
    email: str
    mobile: str
    first_name: str
    last_name: str
    zone: str
    country: str
    tier: str
    birthday: str


@dataclass(frozen=True, slots=True)
class Order:
    """One line of the orders files; `total` in dollars, `items` JSON or empty."""

    order_id: str
    contact: str
    placed_at: str
    total: str
    items: str


@dataclass(frozen=True, slots=True)
class Consent:
    """One line of consent.csv: who agreed to what or took it back, when, how, and which words they saw."""

    contact: str
    list: str
    action: str
    at: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of clicks.csv; `payload` is JSON."""

    contact: str
    name: str
    at: str
    payload: str


@dataclass(frozen=True, slots=True)
class Code:
    """One line of a file of coupon codes."""

    code: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Shop:
    """The source of chance and of unused numbers."""

    rng: random.Random
    numbers: dict[str, Iterator[str]]
    order_ids: Iterator[int]

    def happens(self, share: float) -> bool:
        """True in `share` of all cases."""
        return self.rng.random() < share


Line = Contact | Order | Consent | Event | Code


def open_shop() -> Shop:
    """A shop at its beginning, the same every time."""
    rng = random.Random(SEED)
    numbers = {zone: _numbers(rng, country, codes.split()) for _, zone, country, codes in PLACES}
    return Shop(rng, numbers, itertools.count(100001))


def _numbers(rng: random.Random, country: str, codes: Sequence[str]) -> Iterator[str]:
    """Every test number of a place in random order and written form, then all over again."""
    if country == "GB":
        plain = [f"+44 7700 900{n:03d}" for n in range(1000)]
    elif country == "AU":
        plain = [f"+61 491 {n[:3]} {n[3:]}" for n in AUSTRALIA.split()]
    else:
        plain = [rng.choice(AMERICAN_FORMS).format(c, "555", f"{n:04d}") for c in codes for n in range(100, 200)]
    rng.shuffle(plain)
    return itertools.cycle(plain)


def make_contact(shop: Shop, number: int) -> Contact:
    """Contact `number`, with the gaps and slips of real lists."""
    first, last, mailbox = _person(shop)
    _, zone, country, _ = shop.rng.choices(PLACES, [place[0] for place in PLACES])[0]
    return Contact(
        key=f"C{number:06d}",
        email=_email(shop, f"{mailbox}.{number}"),
        mobile=_mobile(shop, zone),
        first_name="" if shop.happens(0.03) else first,
        last_name=last,
        zone="" if shop.happens(0.06) else zone,
        country=country,
        tier=shop.rng.choices(("Gold", "Silver", ""), (12, 25, 63))[0],
        birthday=_birthday(shop),
    )


def _person(shop: Shop) -> tuple[str, str, str]:
    """A first name, a last name, and what stands before the at sign."""
    if shop.happens(0.02):
        return shop.rng.choice(NATIVE_NAMES)
    _, firsts, lasts = shop.rng.choices(NAMES, [names[0] for names in NAMES])[0]
    first, last = shop.rng.choice(firsts.split()), shop.rng.choice(lasts.split())
    return first, last, f"{_ascii(first)}.{_ascii(last)}"


def _ascii(name: str) -> str:
    """A name as it stands in an e-mail address: `Lindström` gives `lindstrom`."""
    plain = unicodedata.normalize("NFKD", name.translate(UNACCENTED))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha()).lower()


def _email(shop: Shop, mailbox: str) -> str:
    luck = shop.rng.random()
    if luck < 0.02:
        return ""
    if luck < 0.04:
        return shop.rng.choice(NO_ADDRESSES).format(mailbox)
    return f"{mailbox}@example.{shop.rng.choices(('com', 'org', 'net'), (70, 15, 15))[0]}"


def _mobile(shop: Shop, zone: str) -> str:
    """A number of the place. British test numbers look right but are assigned to nobody: validation refuses them."""
    luck = shop.rng.random()
    if luck < 0.04:
        return ""
    if luck < 0.07:
        return shop.rng.choice(NO_NUMBERS)
    return next(shop.numbers[zone])


def _birthday(shop: Shop) -> str:
    if shop.happens(0.2):
        return ""
    return (date(1950, 1, 1) + timedelta(days=shop.rng.randrange(56 * 365))).isoformat()


def make_orders(shop: Shop, contact: Contact) -> list[Order]:
    """The orders of a contact, oldest first: three in ten bought lately, one in ten never."""
    luck = shop.rng.random()
    if luck < 0.10:
        return []
    last = shop.rng.uniform(1, 58) if luck < 0.40 else shop.rng.uniform(61, 400)
    gaps = [shop.rng.uniform(7, 120) for _ in range(_earlier_orders(shop, contact.tier))]
    ages = list(itertools.accumulate(gaps, initial=last))
    return [make_order(shop, contact, NOW - timedelta(days=age)) for age in reversed(ages)]


def _earlier_orders(shop: Shop, tier: str) -> int:
    most = {"Gold": 7, "Silver": 4}.get(tier, 2)
    return shop.rng.randint(most // 3, most)


def make_order(shop: Shop, contact: Contact, at: datetime) -> Order:
    """One order of one to three products; a quarter of the orders come without their items, as old ones do."""
    chosen = shop.rng.sample(PRODUCTS, shop.rng.choices((1, 2, 3), (55, 30, 15))[0])
    lines = [(product, shop.rng.choices((1, 2), (85, 15))[0]) for product in chosen]
    cents = sum(product[2] * count for product, count in lines)
    items = [{"sku": sku, "name": name, "quantity": count} for (sku, name, _), count in lines]
    return Order(
        order_id=f"A-{next(shop.order_ids)}",
        contact=contact.key,
        placed_at=_local(at, contact.zone),
        total=f"{cents // 100}.{cents % 100:02d}",
        items="" if shop.happens(0.25) else json.dumps(items, ensure_ascii=False, separators=(",", ":")),
    )


def make_consents(shop: Shop, contact: Contact) -> Iterator[Consent]:
    """What a contact agreed to: texts by 88 %, of whom some opted out; e-mail by 97 %, of whom fewer left."""
    if shop.happens(0.88):
        yield from _opt_in(shop, contact, TEXTS, ("checkout", "website form", "keyword COFFEE to 34567"))
    if shop.happens(0.97):
        yield from _opt_in(shop, contact, CUSTOMERS, ("checkout", "footer form", "store tablet"))


def _opt_in(shop: Shop, contact: Contact, name: str, sources: Sequence[str]) -> Iterator[Consent]:
    texts = name == TEXTS
    age = shop.rng.uniform(30, 700)
    begun = _local(NOW - timedelta(days=age), contact.zone)
    promise = TEXTS_PROMISE if texts else CUSTOMERS_PROMISE
    yield Consent(contact.key, name, "subscribed", begun, shop.rng.choice(sources), promise)
    if shop.happens(0.035 if texts else 0.02):
        ended = _local(NOW - timedelta(days=shop.rng.uniform(1, age - 1)), contact.zone)
        yield Consent(contact.key, name, "unsubscribed", ended, "reply STOP" if texts else "unsubscribe link", "")


def _local(at: datetime, zone: str) -> str:
    """An instant in the contact's own time, with its offset: `2026-01-05T18:30:12-05:00`."""
    return at.astimezone(ZoneInfo(zone) if zone else UTC).isoformat(timespec="seconds")


def make_orders_during_wait(shop: Shop, lapsed: Sequence[Contact], count: int) -> list[Order]:
    """Orders that lapsed contacts place one to two days into the demo, in the order of time."""
    buyers = shop.rng.sample(lapsed, min(count, len(lapsed)))
    moments = sorted(shop.rng.uniform(1, 2) for _ in buyers)
    return [make_order(shop, buyer, NOW + timedelta(days=d)) for buyer, d in zip(buyers, moments, strict=True)]


def make_clicks(shop: Shop, readers: Sequence[tuple[Contact, Sequence[Order]]], count: int) -> list[Event]:
    """Clicks on the e-mails that came after three days, four to six days into the demo."""
    clicked = shop.rng.sample(readers, min(count, len(readers)))
    moments = sorted(shop.rng.uniform(4, 6) for _ in clicked)
    return [make_click(reader, orders, day) for (reader, orders), day in zip(clicked, moments, strict=True)]


def make_click(reader: Contact, orders: Sequence[Order], day: float) -> Event:
    """A click on the e-mail that the reader got: Gold customers get one, and of the others it is drawn which."""
    is_best = reader.tier == "Gold" or sum(float(order.total) for order in orders) >= 500
    is_mug = split_draw("Winback", "subject line").point(bucket_of(reader.key)) < 5000
    step = "Gold e-mail" if is_best else "E-mail, mug" if is_mug else "E-mail, shelf"
    payload = {"conversation": "Winback", "step": step, "link": "https://alder.example/back"}
    return Event(reader.key, "clicked", _local(NOW + timedelta(days=day), reader.zone), json.dumps(payload))


def make_codes(shop: Shop, prefix: str, count: int) -> list[Code]:
    """Codes without letters that look like others, good for two months."""
    last_day = (NOW + timedelta(days=60)).date().isoformat()
    drawn = ("".join(shop.rng.choices("234679ACDEFGHJKMNPQRTVWXYZ", k=5)) for _ in range(count))
    return [Code(f"{prefix}-{code}", last_day) for code in dict.fromkeys(drawn)]


def is_lapsed(orders: Sequence[Order]) -> bool:
    """Bought once, but not within the last 60 days."""
    return bool(orders) and datetime.fromisoformat(orders[-1].placed_at) < NOW - timedelta(days=60)


def make_data(count: int, folder: Path) -> None:
    """Write the files for `count` contacts into `folder`."""
    shop = open_shop()
    contacts = [make_contact(shop, number) for number in range(1, count + 1)]
    orders = [make_orders(shop, contact) for contact in contacts]
    consents = [consent for contact in contacts for consent in make_consents(shop, contact)]
    lapsed = [contact for contact, theirs in zip(contacts, orders, strict=True) if is_lapsed(theirs)]
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "contacts.csv", Contact, contacts)
    write(folder / "orders.csv", Order, itertools.chain.from_iterable(orders))
    write(folder / "consent.csv", Consent, consents)
    buyers = make_orders_during_wait(shop, lapsed, count // 25)
    write(folder / "orders_during_wait.csv", Order, buyers)
    bought = {order.contact for order in buyers}
    readers = [
        (c, theirs) for c, theirs in zip(contacts, orders, strict=True) if is_lapsed(theirs) and c.key not in bought
    ]
    write(folder / "clicks.csv", Event, make_clicks(shop, readers, count // 8))
    write(folder / "wb15.csv", Code, make_codes(shop, "WB", count * 2 // 5))
    write(folder / "wb20.csv", Code, make_codes(shop, "GOLD", count // 20))


def write(path: Path, shape: type[Line], rows: Iterable[Line]) -> None:
    """Write rows as CSV in UTF-8, under the names of their fields."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(shape))
        writer.writerows(map(astuple, rows))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Make the demo's contacts, orders and consents.")
    parser.add_argument("--contacts", type=int, default=1000, help="how many contacts (default 1000)")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent / "data")
    options = parser.parse_args()
    make_data(options.contacts, options.folder)


if __name__ == "__main__":
    main()
