"""The parts of an SMS at every boundary, compared with a slow count of the same rule and with another library."""

from __future__ import annotations

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.shared.gsm import gsm_to_text, text_to_gsm
from conductor_dsl.shared.segments import GSM_BASIC, GSM_EXTENSION, segment_texts, segments


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


@given(st.text(alphabet=st.sampled_from("ab€{ç👍é\n"), max_size=700))
def test_a_text_is_parted_as_it_is_counted(text: str) -> None:
    parts, count = segment_texts(text), segments(text)
    assert ("".join(parts), len(parts)) == (text, count.segments)
    assert all(parts)
    room = {"GSM-7": (160, 153), "UCS-2": (70, 67)}[count.encoding][len(parts) > 1]
    places = [
        len(text_to_gsm(part)) if count.encoding == "GSM-7" else len(part.encode("utf-16-be")) // 2 for part in parts
    ]
    assert all(taken <= room for taken in places) and sum(places) == count.characters


@given(st.text(alphabet=sorted(GSM_BASIC | GSM_EXTENSION)))
def test_bytes_of_the_small_alphabet_are_read_as_they_were_written(text: str) -> None:
    assert gsm_to_text(text_to_gsm(text)) == text


def test_letters_have_the_numbers_of_the_standard() -> None:
    assert text_to_gsm("@_ §à€^|[") == bytes.fromhex("00 11 20 5f 7f 1b65 1b14 1b40 1b3c")
    assert gsm_to_text(bytes.fromhex("1b41 80")) == "A "
    with pytest.raises(ValueError, match="alphabet"):
        text_to_gsm("`")
