"""The shapes of the API's answers, read into `RemoteKey` and `MintedKey`; see the API's reference.

Unknown fields are ignored, null and absent are alike. Of a key only what tells it from others, and whether it lives,
must be well-formed: whatever else can't be read counts as left out, so that no answer makes a key that nobody can use.
A complaint names the place, never the value: it may be a secret.
"""

from __future__ import annotations

import json
import re
from sys import intern
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import SecretStr

from pulumi_resource_apikeys.keys.port import Listing, MintedKey, NewKey, RemoteKey, canonical_id
from pulumi_resource_apikeys.model.times import parse_instant
from pulumi_resource_apikeys.text import without_lone_surrogates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    Fields: TypeAlias = Mapping[str, object]

NO_TIMES = ("0001-", "1970-01-01T00:00:00")
"""How a time begins that servers write for none: Go's zero in any zone, and that of Unix."""
_PLAIN_TIME = re.compile(
    r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?Z"
)
"""What is a time for sure: most are, and a list may hold thousands."""
_NEXT = re.compile(r";\s*rel\s*=\s*(?:next\b|\"(?:[^\"]*\s)?next[\s\"])", re.IGNORECASE)
LONGEST_NUMBER = 1000
"""Digits; Python refuses to read numbers with more than some thousand, and no field of the API needs them."""


class UnreadableError(ValueError):
    """A success whose body is not what the API promises; the text says in what way."""


def read_listing(body: bytes, project_id: str, served_at: datetime | None = None, *, link: str = "") -> Listing:
    """The keys of a list answer; `null` is an empty list. Raises `UnreadableError`, also for one page of several.

    `served_at` is the time of the answer by the server's clock, where it tells that; `link` is its Link header
    (RFC 8288). Taken for the whole list, a page would show the keys of all others as gone.
    """
    if _NEXT.search(link):
        raise UnreadableError("the list goes on at another page, and this version of the provider reads no pages")
    listing = Listing(_keys(_json(body), project_id))
    listing.served_at = served_at
    return listing


def _keys(value: object, project_id: str) -> tuple[RemoteKey, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise UnreadableError(f"expected a list of keys, got {_kind(value)}")
    gives_use = ["last_used_at" in _object(element, f"[{index}]") for index, element in enumerate(value)]
    tells_use = len(gives_use) > 1 and all(gives_use)
    for index, fields in enumerate(value):
        # In its place, so that what was parsed and what is made of it are not there twice.
        value[index] = _listed(fields, f"[{index}].", project_id, tells_use=tells_use)
    return tuple(value)


def read_minted(body: bytes, new: NewKey) -> MintedKey:
    """The key of a create answer; the name and scopes that were asked for count if it tells none.

    Raises `UnreadableError` if it has no `key` or no `key_id`.
    """
    fields = _object(_json(body), "the answer")
    secret = _text(fields.get("key"))
    if not secret:
        raise _complaint("key", fields.get("key"))
    scopes = _scopes(fields.get("scopes"))
    remote = _key(
        fields,
        "",
        new.project_id,
        name=_text(fields.get("name")) or new.name,
        is_active=fields.get("is_active") is not False,
        scopes=tuple(new.scopes or ()) if scopes is None else scopes,
    )
    return MintedKey(remote, SecretStr(secret))


def read_success(body: bytes) -> bool:
    """What a revoke answer says. Raises `UnreadableError`."""
    success = _object(_json(body), "the answer").get("success")
    if not isinstance(success, bool):
        raise _complaint("success", success)
    return success


def create_body(name: str, scopes: Sequence[str] | None, expires_at: str | None) -> dict[str, Any]:
    """The body of a create, with only what was set: the server refuses what it doesn't know."""
    body: dict[str, Any] = {"name": without_lone_surrogates(name)}
    if scopes is not None:
        body["scopes"] = [without_lone_surrogates(scope) for scope in scopes]
    if expires_at is not None:
        body["expires_at"] = expires_at
    return body


def _listed(fields: Fields, place: str, project_id: str, *, tells_use: bool) -> RemoteKey:
    is_active = fields.get("is_active")
    if is_active is not None and not isinstance(is_active, bool):
        raise _complaint(f"{place}is_active", is_active)
    unused = "last_used_at" in fields and _is_unset(fields["last_used_at"])
    return _key(
        fields,
        place,
        project_id,
        name=_text(fields.get("name")) or "",
        is_active=is_active is not False,
        scopes=_scopes(fields.get("scopes")) or (),
        never_used=unused and tells_use,
    )


def _key(  # noqa: PLR0913 - what a list and a create read in different ways
    fields: Fields,
    place: str,
    project_id: str,
    *,
    name: str,
    is_active: bool,
    scopes: tuple[str, ...],
    never_used: bool = False,
) -> RemoteKey:
    """The key. Its project is the one that was asked: what an answer calls that may be another form of it."""
    written = _id(fields.get("key_id"))
    if not written:
        raise _complaint(f"{place}key_id", fields.get("key_id"))
    key_id = canonical_id(written)
    is_admin_managed = fields.get("is_admin_managed")
    return RemoteKey(
        key_id=key_id,
        project_id=project_id,
        name=name,
        is_active=is_active,
        scopes=scopes,
        key_prefix=_text(fields.get("key_prefix")),
        created_at=_time(fields.get("created_at")),
        created_by=_repeated(_text(fields.get("created_by"))),
        expires_at=_time(fields.get("expires_at")),
        last_used_at=_time(fields.get("last_used_at")),
        tenant_id=_repeated(_uuid(fields.get("tenant_id"))),
        is_admin_managed=is_admin_managed if isinstance(is_admin_managed, bool) else None,
        never_used=never_used,
        wire_id=None if written == key_id else written,
    )


def _id(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _uuid(value: object) -> str | None:
    text = _text(value)
    return None if text is None else canonical_id(text)


def _text(value: object) -> str | None:
    return without_lone_surrogates(value) if isinstance(value, str) else None


def _repeated(text: str | None) -> str | None:
    """The text, held once however many keys of a project have it."""
    return None if text is None else intern(text)


def _scopes(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    scopes = [_text(scope) for scope in value]
    known = tuple(intern(scope) for scope in scopes if scope is not None)
    return known if len(known) == len(scopes) else None


def _is_unset(value: object) -> bool:
    """Whether a time says that there is none, in one of the ways of servers."""
    return value is None or value == "" or (isinstance(value, str) and value.startswith(NO_TIMES))


def _time(value: object) -> str | None:
    """The time as it was written; None where there is none, or none that can be read."""
    if not isinstance(value, str) or _is_unset(value):
        return None
    if _PLAIN_TIME.fullmatch(value):
        return value
    try:
        parse_instant(value)
    except ValueError:
        return None
    return value


def _whole_number(digits: str) -> float:
    return int(digits) if len(digits) <= LONGEST_NUMBER else float("inf")


_DECODER = json.JSONDecoder(parse_int=_whole_number, strict=False)


def _json(body: bytes) -> Any:  # noqa: ANN401 - whatever the server sent
    if not body or body.isspace():
        raise UnreadableError("the body is empty")
    text = body.decode(json.detect_encoding(body), "replace")
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        unreadable = UnreadableError("the body is not JSON, or is cut off")
    # Outside the handler: the decoder's error holds the whole body, and must not travel along as context.
    raise unreadable


def _object(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise UnreadableError(f"{place}: expected an object, got {_kind(value)}")
    return value


def _complaint(place: str, value: object) -> UnreadableError:
    expected = "a boolean" if place.endswith(("is_active", "success")) else "a text"
    return UnreadableError(f"{place}: expected {expected}, got {_kind(value)}")


def _kind(value: object) -> str:
    if value == "":
        return "an empty one"
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
