"""The keys that a stack's state knows, read from an exported deployment; pure, and blind to secrets.

What `pulumi stack export` writes is described in Pulumi's documentation of `apitype.DeploymentV3` and of "Property
value marshaling". A secret is a mark with a ciphertext, or with its plaintext after `--show-secrets`: either is seen
as "there is a secret", and what is in it is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pulumi_resource_apikeys.errors import InputError
from pulumi_resource_apikeys.keys.identity import parse_id
from pulumi_resource_apikeys.keys.ownership import DYNAMIC_TYPE, PLUGIN_TYPE, Mark, Owner, mark_of, owner_of
from pulumi_resource_apikeys.keys.port import canonical_id
from pulumi_resource_apikeys.model.states import ENDPOINT, REPLACED
from pulumi_resource_apikeys.model.times import later, parse_duration, parse_instant
from pulumi_resource_apikeys.settings import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - what marks a secret in an export, not one itself
SIGNATURE = "4dabf18193072939515e22adb298388d"
API_KEY, ROTATING = "APIKey", "RotatingAPIKey"
LONGEST_SECONDS = 100 * 366 * 86400
TYPES = {base + kind: kind for base in (PLUGIN_TYPE, DYNAMIC_TYPE) for kind in (API_KEY, ROTATING)}


class UnreadableStateError(ValueError):
    """What was given for a state is none; the text says why, to stand behind its name."""


@dataclass(frozen=True, slots=True)
class ManagedKey:
    """A resource that has a key, as its stack's state tells. Its times are the state's.

    `kind` is `APIKey` or `RotatingAPIKey`. `previous_key_id` is that of the key before, while there is one, and
    `replaced` are those of earlier ones. `endpoint` is where the key lives, in the form of `settings.canonical`, None
    if the state does not say. `life` is how long a new key lives, `late_by` how late the last timed rotation came.
    `made_here`: the resource made its key itself, and did not take it over. `leaving`: a replaced resource that the
    engine still has to delete. `secret_name`: the stack holds the key's name as a secret.
    """

    owner: Owner
    kind: str
    project_id: str
    key_id: str
    dynamic: bool = False
    previous_key_id: str | None = None
    key_name: str | None = None
    secret_name: bool = False
    made_here: bool = True
    leaving: bool = False
    endpoint: str | None = None
    replaced: tuple[str, ...] = ()
    created_at: datetime | None = None
    expires_at: datetime | None = None
    rotated_at: datetime | None = None
    next_rotation_at: datetime | None = None
    previous_retires_at: datetime | None = None
    previous_ends_latest: datetime | None = None
    rotate_every: timedelta | None = None
    overlap: timedelta | None = None
    life: timedelta | None = None
    late_by: timedelta | None = None

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return self.owner.urn

    @property
    def name(self) -> str:
        """The resource's name in its program."""
        return self.owner.name


@dataclass(frozen=True)
class StackState:
    """A stack's keys, and its name as `project/stack`."""

    name: str
    keys: tuple[ManagedKey, ...] = ()
    resource_names: frozenset[str] = frozenset()
    resource_marks: Mapping[str, ManagedKey] = field(default_factory=dict)
    """The resources by the letters that the names of their keys bear."""
    stack_marks: frozenset[str] = frozenset()
    """The letters that names of this stack's keys bear, as far as they follow from its name and its backend."""
    shows_secrets: bool = False
    """Whether the export holds secrets in clear."""

    @cached_property
    def letters(self) -> frozenset[str]:
        """The letters that names of keys bear which this stack made.

        They come from the stack's name and from where its state is kept, which an export does not tell. So they are
        also learnt from the keys that its resources made themselves.
        """
        return self.stack_marks | {mark.stack for key in self.keys if (mark := _own_mark(key)) is not None}


def _own_mark(key: ManagedKey) -> Mark | None:
    mark = mark_of(key.key_name) if key.key_name and key.made_here else None
    return mark if mark is not None and mark.resource == key.owner.mark.resource else None


def read_state(exported: object, label: str, backend: str = "") -> StackState:
    """The keys of a stack by what `pulumi stack export` wrote, or by the checkpoint of a file backend.

    `label` names the stack if the state is empty, `backend` is where it is kept, for the marks of names. Raises
    UnreadableStateError for anything else.
    """
    deployment = _deployment(exported)
    records = [record for record in deployment.get("resources") or [] if isinstance(record, dict)]
    owners = [owner for record in records if (owner := owner_of(str(record.get("urn")), backend)) is not None]
    name = f"{owners[0].project}/{owners[0].stack}" if owners else label
    ours = [record for record in records if record.get("type") in TYPES and not record.get("external")]
    keys = tuple(key for record in ours if (key := _managed(record, backend)) is not None)
    return StackState(
        name,
        keys,
        resource_names=frozenset(owner.name for owner in owners),
        resource_marks={key.owner.mark.resource: key for key in keys},
        stack_marks=frozenset(replace(owners[0], backend=place).mark.stack for place in {backend, ""} if owners),
        shows_secrets=any(map(_shows_secrets, records)),
    )


def _deployment(exported: object) -> Mapping[str, Any]:
    if not isinstance(exported, dict):
        raise UnreadableStateError("is not what `pulumi stack export` writes")
    checkpoint = exported.get("checkpoint")
    found = exported.get("deployment") if checkpoint is None else checkpoint.get("latest") or {}
    if not isinstance(found, dict) or not isinstance(found.get("resources") or [], list):
        raise UnreadableStateError("is not what `pulumi stack export` writes: it has no deployment")
    return found


def _managed(record: Mapping[str, Any], backend: str) -> ManagedKey | None:
    owner = owner_of(str(record.get("urn")), backend)
    inputs, outputs = _properties(record.get("inputs")), _properties(record.get("outputs"))
    both = {**inputs, **outputs}
    place = _place(record, both)
    if owner is None or place is None:
        return None
    project_id, key_id = place
    kind = TYPES[record["type"]]
    dates = _rotating(both) if kind == ROTATING else _renewing(both)
    late = both.get("lateBy")
    return ManagedKey(
        owner,
        kind,
        project_id,
        key_id,
        dynamic=str(record["type"]).startswith(DYNAMIC_TYPE),
        previous_key_id=canonical_id(previous) if (previous := _text(both, "previousKeyId")) else None,
        key_name=_text(both, "keyName") or _text(both, "name"),
        secret_name=_is_secret(both.get("name")) or _is_secret(both.get("keyName")),
        made_here=_made_here(both),
        leaving=bool(record.get("delete")),
        endpoint=canonical(endpoint) if (endpoint := _text(both, ENDPOINT.strip("_"))) else None,
        replaced=tuple(canonical_id(one) for one in _texts(both.get(REPLACED.strip("_")))),
        created_at=_instant(both, "createdAt"),
        expires_at=_instant(both, "expiresAt"),
        late_by=_seconds(late),
        **dates,
    )


def _properties(props: object) -> dict[str, Any]:
    """The properties by their names; hidden ones begin with `__`, or with `_` in dynamic resources."""
    if not isinstance(props, dict):
        return {}
    return {name.lstrip("_"): value for name, value in props.items()}


def _place(record: Mapping[str, Any], props: Mapping[str, Any]) -> tuple[str, str] | None:
    """The project and the id of a resource's current key."""
    project_id, key_id = _text(props, "projectId"), _text(props, "keyId")
    if project_id and key_id:
        return canonical_id(project_id), canonical_id(key_id)
    try:
        path = parse_id(str(record.get("id")), None)
    except InputError:
        return None
    return path.project_id, path.key_id


def _made_here(props: Mapping[str, Any]) -> bool:
    """Whether a resource made its key: an imported one has no secret, and a rotating one counts none as made."""
    generation = props.get("generation")
    return generation >= 1 if isinstance(generation, (int, float)) else _is_secret(props.get("key"))


def _rotating(props: Mapping[str, Any]) -> dict[str, Any]:
    rotated_at, every, overlap = _instant(props, "rotatedAt"), _span(props, "rotateEvery"), _span(props, "overlap")
    due = _instant(props, "nextRotationAt")
    if due is None and rotated_at is not None and every is not None:
        due = later(rotated_at, every)
    retires = _instant(props, "previousRevokesAt") if _text(props, "previousKeyId") else None
    longest = (_span(props, "maxOverlap") or every) if props.get("retire") == "whenUnused" else None
    latest = later(rotated_at, longest) if retires is not None and rotated_at is not None and longest else retires
    return {
        "rotated_at": rotated_at,
        "next_rotation_at": due,
        "previous_retires_at": retires,
        "previous_ends_latest": latest,
        "rotate_every": every,
        "overlap": overlap,
        "life": _span(props, "expiresAfter"),
    }


def _renewing(props: Mapping[str, Any]) -> dict[str, Any]:
    """When the time replaces an `APIKey`: at an age, or some time before its end, whatever comes first."""
    after, before, life = (_span(props, name) for name in ("rotateAfter", "renewBefore", "expiresIn"))
    created_at, expires_at = _instant(props, "createdAt"), _instant(props, "expiresAt")
    due = [later(created_at, after)] if after and created_at else []
    due += [later(expires_at, -before)] if before and expires_at else []
    spans = [after] if after else []
    spans += [life - before] if life and before and life > before else []
    return {"next_rotation_at": min(due, default=None), "rotate_every": min(spans, default=None), "life": life}


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def _shows_secrets(value: object) -> bool:
    if isinstance(value, dict):
        return (_is_secret(value) and "plaintext" in value) or any(map(_shows_secrets, value.values()))
    return isinstance(value, list) and any(map(_shows_secrets, value))


def _text(props: Mapping[str, Any], name: str) -> str | None:
    value = props.get(name)
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _seconds(value: object) -> timedelta | None:
    return timedelta(seconds=value) if isinstance(value, (int, float)) and 0 < value < LONGEST_SECONDS else None


def _instant(props: Mapping[str, Any], name: str) -> datetime | None:
    try:
        return parse_instant(_text(props, name) or "")
    except ValueError:
        return None


def _span(props: Mapping[str, Any], name: str) -> timedelta | None:
    try:
        return parse_duration(_text(props, name) or "")
    except ValueError:
        return None
