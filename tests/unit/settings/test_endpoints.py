"""One written form for each endpoint, so that equal ones compare as equal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_resource_apikeys.settings import canonical

SAME = [
    (
        "https://api.example.com",
        ["https://API.Example.COM", "https://api.example.com:443", "https://api.example.com./"],
    ),
    ("http://127.0.0.1", ["http://127.0.0.1:80/", "HTTP://127.0.0.1"]),
    ("http://127.0.0.1:8080/Base", ["http://127.0.0.1:8080/Base/"]),
    ("https://[::1]:8443", ["https://[0:0:0:0:0:0:0:1]:8443", "https://[::0001]:8443/"]),
    ("https://xn--bcher-kva.example", ["https://bücher.example", "https://BÜCHER.example"]),
]
PLACES = [
    "https://api.example.com",
    "https://api.example.com:8443",
    "https://api.example.com/v2",
    "https://api.example.com/V2",
    "https://api.example.org",
    "http://localhost",
    "https://localhost",
    "http://127.0.0.1",
    "http://[::1]",
]


@pytest.mark.parametrize(("form", "other"), [(form, other) for form, others in SAME for other in (form, *others)])
def test_all_forms_of_an_address_are_one(form: str, other: str) -> None:
    assert canonical(other) == form


def test_other_places_stay_apart() -> None:
    assert len({canonical(place) for place in PLACES}) == len(PLACES)


@given(st.one_of(st.text(), st.from_regex(r"https?://[\w.:\[\]%#/-]{0,30}", fullmatch=True)))
def test_any_text_has_a_form_which_stays(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
