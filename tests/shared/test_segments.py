"""The parts of an SMS at every boundary, compared with a slow count of the same rule and with another library."""

from __future__ import annotations

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.shared.segments import GSM_BASIC, GSM_EXTENSION, segments


@pytest.mark.parametrize(
    ("text", "encoding", "characters", "parts"),
    [
        ("", "GSM-7", 0, 0),
        ("a", "GSM-7", 1, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("a" + "€" * 80, "GSM-7", 161, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("a" * 151 + "€" + "a" * 153, "GSM-7", 306, 2),
        ("é" * 160, "GSM-7", 160, 1),
        ("Ç" * 160, "GSM-7", 160, 1),
        ("ç" * 70, "UCS-2", 70, 1),
        ("ç" * 71, "UCS-2", 71, 2),
        ("ç" * 134, "UCS-2", 134, 2),
        ("ç" * 135, "UCS-2", 135, 3),
        ("👍" * 35, "UCS-2", 70, 1),
        ("👍" * 36, "UCS-2", 72, 2),
        ("ç" * 66 + "👍" + "ç" * 66, "UCS-2", 134, 3),
        ("ç" * 65 + "👍" + "ç" * 67, "UCS-2", 134, 2),
    ],
)
def test_parts_are_counted_as_carriers_do(text: str, encoding: str, characters: int, parts: int) -> None:
    count = segments(text)
    assert (count.encoding, count.characters, count.segments) == (encoding, characters, parts)


def test_the_first_character_outside_the_alphabet_is_named() -> None:
    assert segments("Hi ’there‘").forced_by == "’"
    assert segments("Hi {there}~[]\\^|€").forced_by is None


def test_the_alphabet_has_127_signs_and_nine_or_more_of_the_extension() -> None:
    assert len(GSM_BASIC) == 127  # 128 places, one of which is the escape
    assert len(GSM_EXTENSION) == 10
    assert not GSM_BASIC & GSM_EXTENSION


@given(st.text(alphabet=st.sampled_from("ab€{ç👍é\n"), min_size=60, max_size=400))
def test_another_library_counts_the_same(text: str) -> None:
    assert segments(text).segments == len(smsutil.split(text).parts)
