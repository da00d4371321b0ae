import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from fakes.tokens import made_up_jwt
from pulumi_resource_apikeys.text import LIMIT, READ, REDACTED, one_line, without_lone_surrogates


def test_plain_words_stay_as_they_are() -> None:
    assert one_line("you do not have access to this project") == "you do not have access to this project"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("two\nlines\r\n", "two lines"),
        ("a\ttab", "a tab"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("bell\x07 and null\x00", "bell and null"),
        ("\u202ereversed", "reversed"),
        ("half a pair \ud83d", "half a pair"),
        ("Ünïcödé 🔑", "Ünïcödé 🔑"),
    ],
)
def test_control_characters_go_and_white_space_is_one_blank(text: str, cleaned: str) -> None:
    assert one_line(text) == cleaned


@pytest.mark.parametrize("frame", ["{}", "Bearer {}", '"{}"', "token={}&x=1", "({})."])
def test_what_looks_like_a_jwt_is_redacted(frame: str) -> None:
    assert one_line(frame.format(made_up_jwt(sub="user"))) == frame.format(REDACTED)


def test_a_jwt_that_was_cut_off_is_redacted() -> None:
    assert one_line(f"bad token {made_up_jwt(sub='user')[:30]}") == f"bad token {REDACTED}"


def test_a_jwt_behind_control_characters_is_redacted() -> None:
    token = made_up_jwt(sub="user")
    assert one_line(f"{token[:10]}\x00{token[10:]}") == REDACTED


def test_a_named_secret_is_redacted() -> None:
    assert one_line("key sk_live_1 is bad", [SecretStr("sk_live_1")]) == f"key {REDACTED} is bad"


OPAQUE = "sess-0123456789abcdefghijkl~+/=!tail"


@pytest.mark.parametrize("shown", [OPAQUE, OPAQUE.upper(), f"{OPAQUE[:20]}\x00{OPAQUE[20:]}"])
def test_a_named_secret_is_redacted_in_any_case_and_with_what_cannot_be_seen_in_it(shown: str) -> None:
    assert one_line(f'the token "{shown}" is bad', [SecretStr(OPAQUE)]) == f'the token "{REDACTED}" is bad'


@pytest.mark.parametrize("length", [12, 13, 30])
def test_a_named_secret_that_was_cut_off_is_redacted(length: int) -> None:
    assert one_line(f'"{OPAQUE[:length]}" … is bad', [SecretStr(OPAQUE)]) == f'"{REDACTED}" … is bad'


def test_a_short_secret_is_redacted_as_a_whole_only() -> None:
    assert one_line("secretive", [SecretStr("secret-word")]) == "secretive"


@pytest.mark.parametrize("ahead", range(READ - 60, READ + 1, 3))
@pytest.mark.parametrize("secret", [OPAQUE, OPAQUE[:18], made_up_jwt(sub="user")])
def test_no_half_of_a_secret_is_told_where_reading_ends(ahead: int, secret: str) -> None:
    cleaned = one_line(" " * ahead + secret + " more", [SecretStr(secret)])
    assert not [secret[at : at + 4] for at in range(len(secret) - 3) if secret[at : at + 4] in cleaned]


@pytest.mark.parametrize("piece", ["eyJ", "eyJab.", "eyJabcdef.", "<title", "\x00", " ", "\u202e", OPAQUE[:12], "a"])
def test_a_text_of_megabytes_takes_no_time(piece: str) -> None:
    text = piece * (5_000_000 // len(piece))
    began = time.process_time()
    assert len(one_line(text, [SecretStr(OPAQUE)])) <= LIMIT
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("deploy", "deploy"),
        ("Ünïcödé 🔑", "Ünïcödé 🔑"),
        ("half \ud83d", "half \ufffd"),
        ("\udd11\ud83d", "\ufffd\ufffd"),
    ],
)
def test_what_utf_8_cannot_hold_is_replaced(text: str, whole: str) -> None:
    assert without_lone_surrogates(text) == whole


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_any_text_becomes_one_that_utf_8_can_hold(text: str) -> None:
    assert len(without_lone_surrogates(text).encode().decode()) == len(text)


def test_an_empty_secret_hides_nothing() -> None:
    assert one_line("words", [SecretStr("")]) == "words"


def test_long_text_is_cut_after_it_was_redacted() -> None:
    token = made_up_jwt(sub="user")
    cut = one_line("x" * (LIMIT - 10) + " " + token)
    assert len(cut) <= LIMIT
    assert "eyJ" not in cut


@given(st.text(max_size=2 * LIMIT))
def test_any_text_becomes_one_printable_line(text: str) -> None:
    cleaned = one_line(text)
    assert len(cleaned) <= LIMIT
    assert len(cleaned.splitlines()) <= 1
    assert one_line(cleaned) == cleaned
