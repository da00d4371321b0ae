import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from fakes.tokens import made_up_jwt
from pulumi_resource_apikeys.foreign_text import LIMIT, REDACTED, clean


def test_plain_words_stay_as_they_are() -> None:
    assert clean("you do not have access to this project") == "you do not have access to this project"


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
    assert clean(text) == cleaned


@pytest.mark.parametrize("frame", ["{}", "Bearer {}", '"{}"', "token={}&x=1", "({})."])
def test_what_looks_like_a_jwt_is_redacted(frame: str) -> None:
    assert clean(frame.format(made_up_jwt(sub="user"))) == frame.format(REDACTED)


def test_a_jwt_that_was_cut_off_is_redacted() -> None:
    assert clean(f"bad token {made_up_jwt(sub='user')[:30]}") == f"bad token {REDACTED}"


def test_a_jwt_behind_control_characters_is_redacted() -> None:
    token = made_up_jwt(sub="user")
    assert clean(f"{token[:10]}\x00{token[10:]}") == REDACTED


def test_a_named_secret_is_redacted() -> None:
    assert clean("key sk_live_1 is bad", [SecretStr("sk_live_1")]) == f"key {REDACTED} is bad"


def test_an_empty_secret_hides_nothing() -> None:
    assert clean("words", [SecretStr("")]) == "words"


def test_long_text_is_cut_after_it_was_redacted() -> None:
    token = made_up_jwt(sub="user")
    cut = clean("x" * (LIMIT - 10) + " " + token)
    assert len(cut) <= LIMIT
    assert "eyJ" not in cut


@given(st.text(max_size=2 * LIMIT))
def test_any_text_becomes_one_printable_line(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= LIMIT
    assert len(cleaned.splitlines()) <= 1
    assert clean(cleaned) == cleaned
