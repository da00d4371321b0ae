import base64
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from fakes.clock import START
from fakes.tokens import made_up_jwt
from pulumi_resource_apikeys.credentials.token import (
    LONGEST_AHEAD,
    Token,
    seconds_until_renewal,
    token_of,
    token_of_output,
)
from pulumi_resource_apikeys.errors import CredentialError

EPOCH = int(START.timestamp())


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def token(expires: float | None, issued: float | None = None) -> Token:
    return Token(SecretStr("t"), None if expires is None else at(expires), None if issued is None else at(issued))


@given(st.floats(min_value=0.1, max_value=1e9))
def test_a_token_is_used_for_most_of_its_life_and_renewed_before_its_end(life: float) -> None:
    used = seconds_until_renewal(life)
    assert life * 0.8 - 1e-6 <= used < life
    assert life - used <= LONGEST_AHEAD + 1e-3


@pytest.mark.parametrize(("life", "used"), [(0, 0), (2, 1.6), (60, 48), (3600, 3300), (86400, 86100)])
def test_when_a_token_is_renewed(life: float, used: float) -> None:
    assert seconds_until_renewal(life) == pytest.approx(used)


@pytest.mark.parametrize(
    ("expires", "issued", "just_made", "left"),
    [
        (None, None, True, None),
        (None, -5, True, None),
        pytest.param(60, None, True, 60, id="no iat: our clock"),
        pytest.param(60, 0, True, 60, id="clocks in step, just made"),
        pytest.param(20, -40, True, 20, id="clocks in step, 40 s old"),
        pytest.param(1.1, -0.9, True, 1.1, id="whole seconds cut off"),
        pytest.param(160, 100, True, 60, id="the issuer is ahead: the life counts"),
        pytest.param(160, 100, False, 60, id="the issuer is ahead, not just made"),
        pytest.param(-100, -160, True, 60, id="the issuer is behind, just made: the life counts"),
        pytest.param(-100, -160, False, 0, id="expired"),
        pytest.param(-100, None, True, 0, id="expired, no iat"),
        pytest.param(-100, -50, True, 0, id="nonsense: ends before it began"),
    ],
)
def test_how_long_a_token_is_good_for(
    expires: float | None, issued: float | None, just_made: bool, left: float | None
) -> None:
    found = token(expires, issued).seconds_left(START, just_made=just_made)
    assert found == (left if left is None else pytest.approx(left))


def test_a_jwt_tells_its_times() -> None:
    text = made_up_jwt(sub="u", iat=EPOCH, exp=EPOCH + 60)
    assert token_of(f"  {text}\n", "token") == Token(SecretStr(text), at(60), at(0))


def like_a_jwt(payload: bytes, form: str = "{}.{}.{}") -> str:
    return form.format("e30", base64.urlsafe_b64encode(payload).decode().rstrip("="), "c2ln")


@pytest.mark.parametrize(
    "text",
    [
        "opaque",
        "a.b",
        "a.b.c",
        "eyJ.eyJ.x",
        made_up_jwt(sub="u"),
        like_a_jwt(b"[1]"),
        like_a_jwt(b"7"),
        like_a_jwt(b"\xff\xfe{"),
        like_a_jwt(b"[" * 100_000),
        like_a_jwt(b'{"exp": 1}', "{}.{}"),
        like_a_jwt(b'{"exp": 1}', "{}.{}.{}.more"),
        like_a_jwt(b'{"exp": 1}', "{}..{}"),
    ],
)
def test_a_token_that_tells_no_times_is_taken_as_it_is(text: str) -> None:
    assert token_of(text, "token") == Token(SecretStr(text))


@pytest.mark.parametrize("exp", ["soon", None, True, [], 1e300, -1e300])
def test_times_that_are_none_are_not_taken(exp: object) -> None:
    assert token_of(made_up_jwt(exp=exp) if not isinstance(exp, str) else "x.y.z", "token").expires_at is None


@pytest.mark.parametrize("text", ["", "  \n", "two words", "line\nbreak", "naïve", "nul\x00", "Bearer x"])
def test_what_can_be_no_token_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(CredentialError, match=r"^tokenFile /t: ") as caught:
        token_of(text, "tokenFile /t")
    assert not text.strip() or text not in str(caught.value)


@given(st.text())
def test_any_text_is_a_token_fit_for_a_header_or_refused(text: str) -> None:
    try:
        secret = token_of_output(text, "x").secret.get_secret_value()
    except CredentialError:
        return
    assert secret
    assert all(32 < ord(character) < 127 for character in secret)


@pytest.mark.parametrize(
    "expires_at",
    ["2026-11-24T12:00:50Z", "2026-11-24T13:00:50+01:00", EPOCH + 50, float(EPOCH + 50)],
)
def test_json_may_tell_the_end_of_an_opaque_token(expires_at: object) -> None:
    text = json.dumps({"token": "opaque", "expires_at": expires_at, "more": 1})
    assert token_of_output(f"\n{text}\n", "x") == Token(SecretStr("opaque"), at(50))


@pytest.mark.parametrize("more", [{}, {"expires_at": None}])
def test_json_need_not_tell_the_end(more: dict[str, None]) -> None:
    assert token_of_output(json.dumps({"token": "opaque", **more}), "x") == Token(SecretStr("opaque"))


@pytest.mark.parametrize(("stated", "end"), [(50, 50), (100, 60)])
def test_the_earlier_of_two_ends_counts(stated: int, end: int) -> None:
    text = json.dumps({"token": made_up_jwt(iat=EPOCH, exp=EPOCH + 60), "expires_at": EPOCH + stated})
    found = token_of_output(text, "x")
    assert (found.expires_at, found.issued_at) == (at(end), at(0))


@pytest.mark.parametrize(
    "text",
    [
        '{"token": "opaque-secret"',
        '{"Token": "opaque-secret"}',
        '{"token": ["opaque-secret"]}',
        '{"token": "opaque-secret", "expires_at": "tomorrow"}',
        '{"token": "opaque-secret", "expires_at": true}',
        '{"token": ""}',
        "{" * 100_000,
    ],
)
def test_json_of_another_form_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(CredentialError, match=r"^tokenCommand helper: ") as caught:
        token_of_output(text, "tokenCommand helper")
    assert "opaque-secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_token_does_not_show_itself() -> None:
    assert "very-secret" not in repr(token_of("very-secret", "x"))


def test_times_are_in_utc() -> None:
    found = token_of(made_up_jwt(exp=0), "x")
    assert found.expires_at == datetime(1970, 1, 1, tzinfo=timezone.utc)
