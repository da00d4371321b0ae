"""What a server may do to a key between a client and its database: other names, ids and dates, fields left out.

The database holds keys with plain ids and dates; these functions make of them what the switches ask for.
"""

import secrets
import uuid
from collections.abc import Callable
from typing import Any

from apikeys_emulator.behaviour import Behaviour
from apikeys_emulator.terms import IdCase, Names

CUT_LENGTH = 12
LONE_SURROGATE = "\ud83d"

NAMES: dict[Names, Callable[[str], str]] = {
    "as_sent": str,
    "upper": str.upper,
    "cut": lambda name: name[:CUT_LENGTH],
    "prefixed": lambda name: f"org-{name}",
}
FORMS: dict[IdCase, Callable[[uuid.UUID], str]] = {
    "lower": str,
    "upper": lambda value: str(value).upper(),
    "urn": lambda value: value.urn,
    "braces": lambda value: f"{{{value}}}",
    "hex": lambda value: value.hex,
}


def name_of_new_key(sent: str, behaviour: Behaviour) -> str:
    """The name under which a new key is stored."""
    return NAMES[behaviour.names](sent)


def new_key_id(behaviour: Behaviour) -> str:
    """A fresh id; one in words matches `wire.KEY_ID_IN_WORDS`."""
    return str(uuid.uuid4()) if behaviour.key_ids == "uuid" else f"key-in-words-{secrets.token_hex(8)}"


def as_listed(body: dict[str, Any], behaviour: Behaviour) -> dict[str, Any]:
    """A key of a list as this server writes it."""
    odd = _written(body, behaviour)
    match behaviour.last_used:
        case "absent":
            odd.pop("last_used_at", None)
        case "null":
            odd["last_used_at"] = None
        case "told":
            pass
    return odd


def as_created(body: dict[str, Any], behaviour: Behaviour) -> dict[str, Any]:
    """The answer to a create as this server writes it."""
    odd = _written(body, behaviour)
    odd.pop("last_used_at", None)
    odd = {name: value for name, value in odd.items() if name not in behaviour.create_leaves_out}
    return odd | behaviour.create_overrides


def _written(body: dict[str, Any], behaviour: Behaviour) -> dict[str, Any]:
    odd = dict(body)
    for field in ("key_id", "project_id"):
        odd[field] = _in_form(odd[field], behaviour.id_case)
    if behaviour.odd_dates is not None:
        odd |= dict.fromkeys(behaviour.odd_date_fields, behaviour.odd_dates)
    if behaviour.odd_text == "surrogate":
        odd |= {field: _half_an_emoji_added(odd[field]) for field in behaviour.odd_text_fields}
    return odd


def _in_form(key_id: str, form: IdCase) -> str:
    try:
        return FORMS[form](uuid.UUID(key_id))
    except ValueError:
        return key_id


def _half_an_emoji_added(value: Any) -> Any:  # noqa: ANN401 - a field of a key
    match value:
        case str():
            return value + LONE_SURROGATE
        case list() | tuple():
            return [each + LONE_SURROGATE for each in value]
        case _:
            return value
