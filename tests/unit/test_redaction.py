"""Words hold none of the secrets that they must not hold, in whatever form the words were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_resource_apikeys.redaction import SHORTEST, SHOWN, redact
from pulumi_resource_apikeys.text import one_line


@pytest.mark.parametrize(
    ("text", "secrets", "shown"),
    [
        ("about open-value", [], "about open-value"),
        ("about open-value", ["open-value"], "about [secret]"),
        ("about open-value", ["open", "open-value"], "about [secret]"),
        ("open-value, open-value", ["open-value"], "[secret], [secret]"),
        ("about open-value-1a2b3c4", ["open-value"], "about [secret]-1a2b3c4"),
        ("about the secret", ["secret", "about"], "[secret] the [secret]"),
        ("about open-value", ["op", "", "   "], "about open-value"),
        ("about a (.*) key", ["a (.*)"], "about [secret] key"),
        ("no open value here", ["open\n  value"], "no [secret] here"),
        ("no open\n  value here", ["open\n  value"], "no [secret] here"),
        ("no openvalue here", ["open\x1bvalue"], "no [secret] here"),
    ],
)
def test_secrets_are_taken_out(text: str, secrets: list[str], shown: str) -> None:
    assert redact(text, secrets) == shown


@given(st.text(), st.text(min_size=SHORTEST), st.text())
def test_no_words_hold_a_secret_as_it_is_or_as_a_server_echoes_it(before: str, secret: str, after: str) -> None:
    text = before + secret + after
    assert SHOWN in redact(text, [secret])
    if len(one_line(secret)) >= SHORTEST:
        assert SHOWN in redact(one_line(text, limit=len(text)), [secret, one_line(secret)])
