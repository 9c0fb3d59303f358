"""Outcomes of tests as JUnit XML, which build servers read: a suite for each script, a case for each test."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as Xml

from conductor_dsl.runtime.rehearse.nouns import Outcome

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def outcomes_to_junit(outcomes: Sequence[Outcome]) -> str:
    """The XML document."""
    root = Xml.Element("testsuites", _counts(outcomes))
    for name, group in groupby(outcomes, key=lambda outcome: outcome.source.name):
        some = list(group)
        suite = Xml.SubElement(root, "testsuite", {"name": _clean(name)} | _counts(some))
        for outcome in some:
            _case(suite, outcome)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    failed = sum(bool(outcome.failures) for outcome in outcomes)
    numbers = {"tests": str(len(outcomes)), "failures": str(failed), "errors": "0", "skipped": "0"}
    return numbers | {"time": _seconds(sum(outcome.millis for outcome in outcomes))}


def _case(suite: Xml.Element, outcome: Outcome) -> None:
    """A test; whatever did not come true in it is one failure."""
    names = {
        "classname": _clean(outcome.source.name),
        "name": _clean(outcome.test.name),
        "time": _seconds(outcome.millis),
    }
    case = Xml.SubElement(suite, "testcase", names)
    told = [f"{outcome.source.name}:{each.line}: expected {each.expected}, got {each.got}" for each in outcome.failures]
    if told:
        failure = Xml.SubElement(case, "failure", {"type": "expectation", "message": _clean(told[0])})
        failure.text = _clean("\n".join([*told, *outcome.paths]))


def _seconds(millis: int) -> str:
    return f"{millis / 1_000:.3f}"


def _clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
