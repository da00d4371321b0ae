"""Property values there and back: every kind that the wire knows, and what is refused by its property's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from fakes.engine import SIGNATURE, UNKNOWN_STRING, output, plain, secret, struct
from pulumi_resource_apikeys.errors import InputError, InternalError
from pulumi_resource_apikeys.model.values import UNKNOWN, Value
from pulumi_resource_apikeys.plugin.properties import COMPUTED, decode, encode

if TYPE_CHECKING:
    from fakes.engine import Driver, Wire

PLAIN: list[tuple[Any, Value]] = [
    (None, None),
    (True, True),
    (False, False),
    (0, 0.0),
    (1.5, 1.5),
    ("", ""),
    ("text", "text"),
    ("ünï ☃", "ünï ☃"),
    ([], []),
    ({}, {}),
    (["a", None, [True]], ["a", None, [True]]),
    ({"a": {"b": [1]}}, {"a": {"b": [1.0]}}),
]
UNKNOWNS = [*COMPUTED, output(), output(secret=False), output(dependencies=["urn"])]
REFUSED = [
    ({SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "hash": "0"}, "must not be an asset"),
    ({SIGNATURE: "0def7320c3a5731c473e5ecbe6d01bc7", "assets": {}}, "must not be an archive"),
    ({SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "urn", "id": "1"}, "must not be a resource"),
]


@pytest.mark.parametrize(("wire", "value"), PLAIN)
def test_a_plain_value_goes_there_and_back(wire: object, value: Value) -> None:
    decoded = decode(struct({"x": wire}))
    assert decoded.props == {"x": value}
    assert type(decoded.props["x"]) is type(value)
    assert decoded.secret_names == frozenset()
    assert encode({"x": value}) == struct({"x": wire})


@pytest.mark.parametrize("wire", UNKNOWNS)
@pytest.mark.parametrize("place", ["top", "list", "map", "secret"])
def test_every_mark_of_an_unknown_is_known_at_every_place(wire: object, place: str) -> None:
    places: dict[str, tuple[object, Value]] = {
        "top": (wire, UNKNOWN),
        "list": (["a", wire], ["a", UNKNOWN]),
        "map": ({"a": {"b": wire}}, {"a": {"b": UNKNOWN}}),
        "secret": (secret(wire), UNKNOWN),
    }
    written, value = places[place]
    assert decode(struct({"x": written})).props == {"x": value}


def test_an_unknown_is_written_as_the_engine_reads_it() -> None:
    assert plain(encode({"x": UNKNOWN, "y": [UNKNOWN]})) == {"x": UNKNOWN_STRING, "y": [UNKNOWN_STRING]}


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        (secret("s"), "s"),
        (secret(secret("s")), "s"),
        (secret(None), None),
        ([secret("s")], ["s"]),
        ({"a": [{"b": secret("s")}]}, {"a": [{"b": "s"}]}),
        (output(value="s", secret=True), "s"),
        (output(secret=True), UNKNOWN),
        (output(value={"a": output(value="s", secret=True)}), {"a": "s"}),
    ],
)
def test_a_property_with_a_secret_anywhere_is_known_as_secret(wire: object, value: Value) -> None:
    decoded = decode(struct({"x": wire, "y": "clear"}))
    assert decoded.props == {"x": value, "y": "clear"}
    assert decoded.secret_names == {"x"}


@pytest.mark.parametrize(
    ("wire", "value"),
    [(output(value="v"), "v"), (output(value="v", secret=False), "v"), (output(value=None), None), (output(), UNKNOWN)],
)
def test_an_output_is_its_value(wire: object, value: Value) -> None:
    decoded = decode(struct({"x": wire}))
    assert decoded.props == {"x": value}
    assert decoded.secret_names == frozenset()


@pytest.mark.parametrize("wire", ["s", secret("s"), output(value="s", secret=True)])
def test_a_secret_output_of_ours_is_wrapped_from_the_first(wire: object) -> None:
    decoded = decode(struct({"key": wire, "name": "s"}), frozenset({"key"}))
    assert decoded.props == {"key": SecretStr("s"), "name": "s"}
    assert "'key': SecretStr('**********')" in repr(decoded)


@pytest.mark.parametrize("wire", [None, UNKNOWN_STRING, secret(UNKNOWN_STRING)])
def test_a_secret_output_that_is_not_there_is_not_wrapped(wire: object) -> None:
    assert decode(struct({"key": wire}), frozenset({"key"})).props["key"] in (None, UNKNOWN)


@pytest.mark.parametrize(
    ("value", "secret_names", "wire"),
    [
        (SecretStr("s"), frozenset(), secret("s")),
        (SecretStr("s"), frozenset({"x"}), secret("s")),
        ("s", frozenset({"x"}), secret("s")),
        (UNKNOWN, frozenset({"x"}), secret(UNKNOWN_STRING)),
        (None, frozenset({"x"}), secret(None)),
        (["a"], frozenset({"x"}), secret(["a"])),
        ([SecretStr("s")], frozenset(), [secret("s")]),
        ({"a": SecretStr("s")}, frozenset(), {"a": secret("s")}),
        ("s", frozenset({"other"}), "s"),
    ],
)
def test_what_is_secret_is_marked_so(value: Value, secret_names: frozenset[str], wire: object) -> None:
    assert plain(encode({"x": value}, secret_names)) == {"x": wire}


@pytest.mark.parametrize(("wire", "reason"), REFUSED)
@pytest.mark.parametrize("place", ["top", "list", "map", "secret"])
def test_what_nothing_takes_is_refused_by_its_path(wire: object, reason: str, place: str) -> None:
    places = {
        "top": ("name", wire, "name"),
        "list": ("scopes", ["a", wire], "scopes[1]"),
        "map": ("triggers", {"a b": [wire]}, 'triggers["a b"][0]'),
        "secret": ("name", secret(wire), "name"),
    }
    name, written, path = places[place]
    with pytest.raises(InputError) as caught:
        decode(struct({name: written}))
    (problem,) = caught.value.problems
    assert (problem.property, problem.reason) == (path, reason)


@pytest.mark.parametrize(("wire", "reason"), REFUSED)
async def test_a_check_refuses_it_as_a_failure_of_that_property(driver: Driver, wire: Wire, reason: str) -> None:
    checked = await driver.check({"scopes": ["a", wire]})
    assert checked.failures == [("scopes[1]", reason)]


def test_a_signature_of_the_future_is_not_taken_for_a_map() -> None:
    with pytest.raises(InternalError, match=r"triggers\.a came with an unknown signature 123"):
        decode(struct({"triggers": {"a": {SIGNATURE: "123", "value": "very-secret"}}}))


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j])
def test_what_the_wire_has_no_form_for_is_a_bug_that_shows_only_its_type(value: Any) -> None:
    with pytest.raises(InternalError, match=f"a property of type {type(value).__name__} can't be sent"):
        encode({"x": value})


TEXT = st.text().filter(lambda text: text not in COMPUTED)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | TEXT | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text().filter(lambda name: name != SIGNATURE), inner, max_size=4)
    ),
    max_leaves=12,
)
SECRETS = st.builds(SecretStr, TEXT)


@given(st.dictionaries(st.text(), VALUES | SECRETS), st.frozensets(st.text()))
def test_whatever_is_written_is_read_back(props: dict[str, Value], more_secrets: frozenset[str]) -> None:
    wrapped = frozenset(name for name, value in props.items() if isinstance(value, SecretStr))
    decoded = decode(encode(props, more_secrets), wrapped)
    assert decoded.props == props
    assert decoded.secret_names == wrapped | more_secrets & props.keys()


@given(st.dictionaries(st.text(), SECRETS, min_size=1))
def test_nothing_decoded_shows_a_secret_output(props: dict[str, Value]) -> None:
    decoded = decode(encode(props), frozenset(props))
    assert all(isinstance(value, SecretStr) for value in decoded.props.values())


HALVES: list[tuple[Value, object]] = [
    ("half \ud83d", "half \ufffd"),
    (["\udd11"], ["\ufffd"]),
    ({"\ud83d": {"a": "\udd11"}}, {"\ufffd": {"a": "\ufffd"}}),
    (SecretStr("ak_\ud83d"), secret("ak_\ufffd")),
    ("whole 🔑", "whole 🔑"),
]


@pytest.mark.parametrize(("value", "wire"), HALVES, ids=range(len(HALVES)))
def test_text_that_utf_8_can_not_hold_is_sent_with_a_mark_in_its_place(value: Value, wire: object) -> None:
    sent = encode({"x": value})
    sent.SerializeToString()
    assert plain(sent) == {"x": wire}
