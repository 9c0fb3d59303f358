"""What is waived, in words: every finding that a comment takes away, with the reason that it gives."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.language.diagnostics import Report
from conductor_dsl.language.report.counts import counted
from conductor_dsl.language.report.look import printable


def waivers_in_words(reports: Sequence[Report]) -> str:
    """A heading and two lines for each waived finding: what was found where, and why that is right."""
    waived = [(report.source, each) for report in reports for each in report.waived]
    lines = ["", f"{counted(len(waived), 'finding')} waived{':' if waived else ''}"]
    for source, each in waived:
        place = source.position(each.finding.span.start)
        lines.append(f"  {printable(source.name)}:{place.line}: {each.finding.code} {printable(each.finding.message)}")
        lines.append(f"    because {printable(each.reason)}")
    return "".join(f"{line}\n" for line in lines)
