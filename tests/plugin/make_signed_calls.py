"""Write what Twilio's library says of calls: `python -m tests.plugin.make_signed_calls`, after `pip install twilio`."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

from tests.plugin.signed_calls import FORM, SECRET, Call, changed, genuine

CHANGED = 20_000
SEED = 1
PATH = Path(__file__).with_name("signed_calls.json")


class Form(dict[str, list[str]]):
    """The fields of a form as web frameworks give them."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def content_of(call: Call) -> Form | str:
    """What a web framework would hand to the library."""
    if call.type != FORM:
        return call.body
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in call.fields:
        fields[name].append(value)
    return Form(fields)


def main() -> None:
    """Sign the genuine ones, judge all, and write it down."""
    from twilio.request_validator import RequestValidator  # type: ignore[import-not-found]

    logging.disable()
    validator: Any = RequestValidator(SECRET)
    signed = []
    for call in genuine():
        content = content_of(call) if call.type == FORM else None
        signed.append(call._replace(signature=validator.compute_signature(call.url, content, call.algorithm)))

    def says(call: Call) -> bool:
        try:
            judge: Any = RequestValidator(call.secret)
            content: Any = content_of(call) if call.type else None
            return bool(judge.validate(call.url, content, call.signature, call.algorithm))
        except (TypeError, ValueError):  # a body without a name makes the library fail
            return False

    assert all(says(call) for call in signed)
    dice = Random(SEED)
    verdicts = "".join(str(int(says(changed(dice.choice(signed), dice)))) for _ in range(CHANGED))
    told = {"seed": SEED, "signatures": [call.signature for call in signed], "verdicts": verdicts}
    PATH.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
