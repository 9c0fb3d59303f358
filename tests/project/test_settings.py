"""`conductor.toml` is read whole, and a mistake in it is named with its line and its remedy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conductor_dsl.language.vocabulary import CouponPool, ShortCode
from conductor_dsl.project.settings import ChannelSettings, Settings, load_settings
from conductor_dsl.shared.errors import ConfigError

WHOLE = """\
[brand]
name = "Alder"
shop_url = "https://alder.example"
zone = "America/New_York"
postal_address = "12 Harbor Street"
unsubscribe_url = "https://alder.example/out/{key}"

[database]
url = "sqlite:///shop.db"

[lists]
"Winback texts" = "texts"

[codes."34567"]
classes = ["marketing"]
keyword = "COFFEE"
frequency = "4 per 1mo"
stop = "{{ brand }}: over."
start = ""
revokes = "code"
per_second = 100

[pools."WB10"]
warn_below = 500
notify = "crm@alder.example"
cutoff = "3d"

[sms]
provider = "twilio"
header = "{{ brand }}:"
footer = "Reply STOP to opt out."
account = "AC1"
auth_token = { env = "TWILIO_TOKEN" }
fallback = { provider = "smpp", from = "99999", password = { env = "TWILIO_TOKEN" } }

[email]
from = "Alder <hello@alder.example>"
reply_to = "care@alder.example"

[webhook]
provider = "file"
hosts = ["hooks.alder.example"]
allow_private = ["localhost:8443"]
folder = "hooks"

[engine]
batch = 500
"""


def load(folder: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    (folder / "conductor.toml").write_text(text, encoding="utf-8")
    return load_settings(folder, {} if environ is None else environ)


def refusal(folder: Path, text: str) -> tuple[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return str(caught.value).replace(str(folder) + "/", ""), caught.value.hint or ""


def test_every_key_is_read(tmp_path: Path) -> None:
    settings = load(tmp_path, WHOLE, {"TWILIO_TOKEN": "s3cret"})
    assert settings.has_settings
    assert settings.zone == "America/New_York"
    assert settings.lists == {"Winback texts": "texts"}
    [code] = settings.codes.values()
    own = ShortCode("34567", ("marketing",), "COFFEE", "4 per 1mo", {}, "code", per_second=100)
    assert replace(code, answers={}) == own
    assert settings.paces == {"34567": 100}
    assert code.answers == {
        "stop": "{{ brand }}: over.",
        "help": "{{ brand }}: These are our texts. For help see {{ shop_url }}. Up to 4 messages a month. "
        "Msg & data rates may apply. Reply STOP to end.",
    }
    assert settings.pools == {"WB10": CouponPool("WB10", 500, "crm@alder.example", "3d")}
    assert (settings.text_header, settings.text_footer) == ("{{ brand }}:", "Reply STOP to opt out.")
    assert settings.webhook == ChannelSettings("file", options={"folder": "hooks"})
    assert settings.webhook_hosts == ("hooks.alder.example",)
    assert settings.webhook_private == ("localhost:8443",)
    assert settings.sms == ChannelSettings(
        "twilio",
        options={"account": "AC1", "auth_token": "s3cret"},
        fallback=ChannelSettings("smpp", "99999", options={"password": "s3cret"}),
    )
    assert settings.email == ChannelSettings("development", "Alder <hello@alder.example>", "care@alder.example")
    assert settings.batch == 500
    assert settings.database_url == f"sqlite:///{tmp_path.resolve()}/shop.db"
    assert settings.constants == {
        "brand": "Alder",
        "shop_url": "https://alder.example",
        "postal_address": "12 Harbor Street",
        "unsubscribe_url": "https://alder.example/out/{key}",
    }


def test_a_folder_without_settings_has_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert not settings.has_settings
    assert (settings.zone, settings.batch, settings.sms.provider) == ("UTC", 10_000, "development")
    assert settings.database_url == f"sqlite:///{tmp_path.resolve()}/conductor.db"
    assert settings.constants == {}


@pytest.mark.parametrize("url", ["postgresql://db.example/shop", "sqlite:///:memory:", "sqlite:////var/shop.db"])
def test_the_environment_chooses_the_database(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, WHOLE, {"TWILIO_TOKEN": "x", "CONDUCTOR_DATABASE_URL": url}).database_url == url


def test_a_missing_secret_is_named_unless_no_environment_is_wanted(tmp_path: Path) -> None:
    where, hint = refusal(tmp_path, WHOLE)
    assert where == "conductor.toml:33: the environment variable `TWILIO_TOKEN` is not set"
    assert hint == "set `TWILIO_TOKEN` before you start"
    assert load_settings(tmp_path, None).sms.options == {"account": "AC1"}


def test_who_sends_nothing_needs_no_secret_of_a_provider_but_that_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "conductor.toml").write_text(WHOLE)
    assert load_settings(tmp_path, {}, sends=False).sms.options == {"account": "AC1"}
    (tmp_path / "conductor.toml").write_text('[database]\nurl = { env = "SHOP_DATABASE" }\n')
    with pytest.raises(ConfigError, match="`SHOP_DATABASE` is not set"):
        load_settings(tmp_path, {}, sends=False)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[brand]\nname = \n", ":2:8: not valid TOML: invalid value", 'name = "text"'),
        ("[brnad]\n", ":1: unknown table or key `brnad`", "did you mean `brand`?"),
        ("a = 1\n", ":1: unknown table or key `a`", "there are `brand`, `database`"),
        ('[brand]\nname = "a"\nshop_ulr = "b"\n', ":3: unknown key `shop_ulr` in `[brand]`", "`shop_url`?"),
        ("brand = 3\n", ":1: `brand` is a table, not a value", "write `[brand]`"),
        ("[brand]\nname = 3\n", ":2: `name` is text, not `3`", 'write `name = "..."`'),
        ('[engine]\nbatch = "many"\n', ":2: `batch` is a number, not `many`", "batch = 10000"),
        ("[engine]\nbatch = true\n", ":2: `batch` is a number, not `true`", "batch = 10000"),
        ('[engine]\nbatch = { env = "B" }\n', ":2: `batch` is a number", "batch = 10000"),
        ('[codes."3"]\nclasses = ["alert"]\nper_second = 0\n', ":3: `per_second` of the code `3` is 0", "= 100`"),
        ('[web]\nlisten = "127.0.0.1:8080"\n', ":2: nobody knows by which address to call", "add `public_url`"),
        ('[web]\npublic_url = "shop.example"\n', ":2: `shop.example` is not the beginning of a web", "https://"),
        ("[engine]\nbatch = 50001\n", ":2: `batch` is 50001, which is out of range", "choose 1 to 50000"),
        ('[brand]\nzone = "America/NewYork"\n', ":2: unknown zone `America/NewYork`", "`America/New_York`?"),
        ('[brand]\nzone = "../etc/passwd"\n', ":2: unknown zone `../etc/passwd`", "a zone reads like"),
        ('[codes."3"]\nclasses = "marketing"\n', ":2: `classes` is a list of texts", 'classes = ["marketing"]'),
        ('[codes."3"]\nclasses = ["marketng"]\n', ":2: unknown class `marketng` of the code `3`", "`marketing`?"),
        ('[codes."3"]\n', ":1: the code `3` has no classes", "carrier"),
        ('[codes."3"]\nclasses = ["alert"]\nrevokes = "lists"\n', ":3: a STOP to `3` cannot end `lists`", "`texts`"),
        (
            '[codes."3"]\nclasses = ["alert"]\nhelp = "{{ first_name }}"\n',
            ":3: the `help` of texts reads",
            "`{{ brand }}`",
        ),
        ('[lists."L"]\ndouble = "sms"\n', ":1: the list `L` does not say what it is for", "for = "),
        ('[lists."L"]\nfor = "x"\ndouble = "post"\n', ":3: nobody is asked once more by `post`", '"email"'),
        ('[lists."L"]\nfor = "x"\ndouble = "sms"\n', ":1: the list `L` asks by a text, and there is no", "[codes]"),
        ('[lists."L"]\nfor = "x"\ndouble = "email"\n', ":1: the list `L` asks by e-mail", "{{ confirm_url }}"),
        ('[lists."L"]\nfor = "x"\nmin_age = 21\n', ":1: the list `L` has a `min_age`, and no field", "birth ="),
        ('[lists."L"]\nfor = "x"\nmin_age = "21"\n', ":3: `min_age` is a number", "min_age = 10000"),
        ('[lists."L"]\nfor = "x"\nage = 21\n', ":3: unknown key `age` in `[lists.L]`", "`min_age`?"),
        ('[pools."W"]\nwarn_below = "5"\n', ":2: `warn_below` is a number", "warn_below = 10000"),
        ('[pools."W"]\nwarn_below = -1\n', ":2: `warn_below` is -1", "warn_below = 500"),
        ('[pools."W"]\nwarn_below = 5\n', ":1: the pool `W` would warn nobody: it has no `notify`", "add `notify"),
        ('[pools."W"]\nnotify = "a@b.example"\n', ":1: the pool `W` would warn nobody", "add `warn_below"),
        ('[email]\nfrom = "Shop"\n', ":2: `Shop` is not an e-mail address", "Shop <hello@shop.example>"),
        ('[email]\nreply_to = "a@b, c@d.example"\n', ":2: `a@b, c@d.example` is not an e-mail address", "one address"),
        ('[email]\nunsubscribe_to = "leave"\n', ":2: `leave` is not an e-mail address", "one address"),
        ('[pools."W"]\nnotify = "crm"\n', ":2: `crm` is not an e-mail address", "one address"),
        ('[pools."W"]\ncutoff = "soon"\n', ":2: `soon` is not a duration", 'cutoff = "3d"'),
        ('[sms]\nheader = "{{ first_name }}"\n', ":2: the `header` of texts reads more", "`{{ brand }}`"),
        ('[sms]\nfooter = "{% if brand %}"\n', ":2: the `footer` of texts reads more", "`{{ brand }}`"),
        ('[webhook]\nhosts = "a.example"\n', ":2: `hosts` is a list of texts", "hosts = ["),
        ('[webhook]\nhosts = ["10.0.0.1"]\n', ":2: `10.0.0.1` may not be called", "`hooks.shop.example`"),
        ('[webhook]\nhosts = ["https://a.example"]\n', ":2: `https://a.example` may not be called", "alone"),
        ('[webhook]\nallow_private = ["localhost"]\n', ":2: `localhost` is not the place", "`localhost:8443`"),
        ('[webhook]\nsecret = "whsec_x"\n', ":2: `secret` is a secret", 'secret = { env = "WEBHOOK_SECRET" }'),
        ('[sms]\nauth_token = "abc"\n', ":2: `auth_token` is a secret", 'auth_token = { env = "SMS_AUTH_TOKEN" }'),
        ('[email.smtp]\nPassword = "abc"\n', ":2: `Password` is a secret", 'Password = { env = "'),
        ('[database]\nurl = "postgresql://a:b@c/d"\n', ":2: `url` holds a password", "CONDUCTOR_DATABASE_URL"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_remedy(tmp_path: Path, text: str, message: str, hint: str) -> None:
    said, advised = refusal(tmp_path, text)
    assert said.startswith("conductor.toml" + message)
    assert hint in advised


def test_a_list_may_have_any_name(tmp_path: Path) -> None:
    assert load(tmp_path, '[lists]\npassword = "people who forgot theirs"\n').lists == {
        "password": "people who forgot theirs"
    }


def test_settings_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "conductor.toml").write_bytes(b"[brand]\nname = '\xff'\n")
    with pytest.raises(ConfigError, match=":2: not UTF-8 text"):
        load_settings(tmp_path, {})
    (tmp_path / "folder" / "conductor.toml").mkdir(parents=True)
    with pytest.raises(ConfigError, match="is a directory"):
        load_settings(tmp_path / "folder", {})


def test_tables_nested_beyond_reason_are_refused(tmp_path: Path) -> None:
    said, _ = refusal(tmp_path, "a = " + "[" * 100_000)
    assert said.startswith("conductor.toml: not valid TOML: nested too deeply")


def test_a_list_may_ask_for_a_second_yes_and_for_an_age(tmp_path: Path) -> None:
    text = """
[brand]
name = "Alder"
[lists]
"News" = "a letter"
[lists."Wine"]
for = "wine, by text"
double = "sms"
min_age = 21
birth = "birthday"
[codes."34567"]
classes = ["marketing"]
"""
    settings = load(tmp_path, text)
    assert settings.lists == {"News": "a letter", "Wine": "wine, by text"}
    [rule] = settings.list_rules
    assert (rule.name, rule.double, rule.code, rule.min_age, rule.birth) == ("Wine", "sms", "34567", 21, "birthday")
    assert rule.confirm.startswith("{{ brand }}: Reply YES to get our texts.")
