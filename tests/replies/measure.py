"""How well the classifier does on the labelled corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conductor_dsl.replies.text_to_meaning import Meaning, text_to_meaning

CORPUS = Path(__file__).with_name("corpus.tsv")


@dataclass(frozen=True, slots=True)
class Measured:
    """Texts by (label, origin, what the classifier says), and those that it gets wrong."""

    counts: Counter[tuple[str, str, str]]
    wrong: tuple[tuple[str, str, str], ...]

    def of(self, label: str, said: str | None = None, origin: str | None = None) -> int:
        """How many texts of a label there are of which something was said."""
        return sum(
            count
            for (was, where, what), count in self.counts.items()
            if was == label and said in (None, what) and origin in (None, where)
        )

    def recall(self, origin: str | None = None) -> float:
        """How many of the revocations were taken for one."""
        return self.of("stop", "stop", origin) / self.of("stop", origin=origin)

    def precision(self, origin: str | None = None) -> float:
        """How many of those taken for a revocation are one."""
        true, false = self.of("stop", "stop", origin), self.of("other", "stop", origin)
        return true / (true + false)


def corpus() -> list[tuple[str, str, str]]:
    """(label, origin, text) of every text."""
    rows = (line.split("\t", 2) for line in CORPUS.read_text("utf-8").splitlines())
    return [(label, origin, text) for label, origin, text in rows]


def measure(texts: Iterable[tuple[str, str, str]]) -> Measured:
    """Ask the classifier about texts (label, origin, text)."""
    counts: Counter[tuple[str, str, str]] = Counter()
    wrong: list[tuple[str, str, str]] = []
    for label, origin, text in texts:
        meaning = text_to_meaning(text).meaning
        said = meaning.value if meaning in (Meaning.STOP, Meaning.UNDECIDED) else "other"
        counts[label, origin, said] += 1
        if said != label:
            wrong.append((label, said, text))
    return Measured(counts, tuple(wrong))


def measured_in_words(measured: Measured) -> str:
    """A table, and what was wrong."""
    lines = [f"{'':<22}{'written':>10}{'generated':>11}{'all':>8}"]
    origins = ("written", "generated", None)
    for label, name in (("stop", "revocations"), ("other", "others")):
        lines.append(
            f"{name:<22}"
            + "".join(f"{measured.of(label, None, o):>{w}}" for o, w in zip(origins, (10, 11, 8), strict=True))
        )
        lines.append(
            f"  undecided{'':<11}"
            + "".join(f"{measured.of(label, 'undecided', o):>{w}}" for o, w in zip(origins, (10, 11, 8), strict=True))
        )
    for name, share in (("precision", measured.precision), ("recall", measured.recall)):
        lines.append(f"{name:<22}" + "".join(f"{share(o):>{w}.2%}" for o, w in zip(origins, (10, 11, 8), strict=True)))
    return "\n".join([*lines, *(f"{label} taken for {said}: {text}" for label, said, text in measured.wrong)])
