"""Moves a stack's keys between the plugin and the dynamic provider, without a new key: an edit of its exported state.

    pulumi stack export --file before.json
    python -m pulumi_resource_apikeys.dynamic.move dynamic < before.json | pulumi stack import

`dynamic` or `plugin` says where to. Secrets are ciphertext in the export, and pass through as they are.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from pulumi.dynamic.dynamic import serialize_provider

from . import providers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Record = dict[str, Any]

TO_DYNAMIC: Final[Mapping[str, str]] = {
    "apikeys:index:APIKey": "pulumi-python:dynamic/apikeys:APIKey",
    "apikeys:index:RotatingAPIKey": "pulumi-python:dynamic/apikeys:RotatingAPIKey",
}
TO_PLUGIN: Final[Mapping[str, str]] = {dynamic: plugin for plugin, dynamic in TO_DYNAMIC.items()}
REFERENCES: Final[Mapping[str, providers.KeyProvider]] = {
    "apikeys:index:APIKey": providers.API_KEY,
    "apikeys:index:RotatingAPIKey": providers.ROTATING_API_KEY,
}
MARK = "4dabf18193072939515e22adb298388d"
"""What marks a secret in an export; see "Property value marshaling" in Pulumi's provider documentation."""


class NotMovedError(Exception):
    """The state can't be moved; the text says why and what to do."""


def to_dynamic(exported: Record) -> list[str]:
    """Make the plugin's keys in an exported state those of the dynamic provider; returns words for the user."""

    def rewrite(record: Record) -> None:
        inputs = {_single(name): value for name, value in record.get("inputs", {}).items() if name != "__imported"}
        secrets = [name for name, value in inputs.items() if _holds_secret(value)]
        inputs["_program"] = {"name": record["urn"].split("::", 3)[3], "secrets": secrets}
        reference = serialize_provider(REFERENCES[record["type"]])
        record["inputs"] = {**inputs, "__provider": reference}
        outputs = {_single(name): value for name, value in record.get("outputs", {}).items()}
        record["outputs"] = {**outputs, "_inputs": inputs, "__provider": reference}
        record["additionalSecretOutputs"] = [*record.get("additionalSecretOutputs", ["key"]), "_inputs"]
        record.pop("refreshBeforeUpdate", None)

    return _move(exported, TO_DYNAMIC, "pulumi-python", rewrite)


def to_plugin(exported: Record) -> list[str]:
    """Make the dynamic provider's keys in an exported state those of the plugin; returns words for the user."""

    def rewrite(record: Record) -> None:
        inputs, outputs = record.get("inputs", {}), record.get("outputs", {})
        record["inputs"] = {
            _double(name): value for name, value in inputs.items() if name not in {"__provider", "_program"}
        }
        record["outputs"] = {
            _double(name): value for name, value in outputs.items() if name not in {"__provider", "_inputs"}
        }
        record["additionalSecretOutputs"] = [n for n in record.get("additionalSecretOutputs", []) if n != "_inputs"]
        record["refreshBeforeUpdate"] = True

    return _move(exported, TO_PLUGIN, "apikeys", rewrite)


def _move(exported: Record, types: Mapping[str, str], package: str, rewrite: Callable[[Record], None]) -> list[str]:
    deployment = exported.get("deployment") or {}
    if deployment.get("pending_operations"):
        raise NotMovedError("the stack has pending operations: run `pulumi refresh` first, then export it anew")
    resources: list[Record] = deployment.get("resources") or []
    moved = [record for record in resources if record["type"] in types]
    if not moved:
        raise NotMovedError(f"the state has nothing to move: no resource of type {' or '.join(types)}")
    provider = _default_provider(resources, package, before=resources.index(moved[0]))
    lines = [f"moved {record['urn']}{_caveat(record)}" for record in moved]
    for record in moved:
        rewrite(record)
        record["type"] = types[record["type"]]
        record["provider"] = f"{provider['urn']}::{provider['id']}"
    for record in resources:
        _rename(record, types)
    return lines


def _caveat(record: Record) -> str:
    known = record.get("external") or "key" in record.get("outputs", {})
    return "" if known else ": it was imported, so its secret can't be had before it is replaced or rotated"


def _default_provider(resources: list[Record], package: str, before: int) -> Record:
    """The default provider of a package, if there is none with the least that the engine takes.

    The next `pulumi up` puts the stack's own in its place.
    """
    kind = f"pulumi:providers:{package}"
    stack, project, _, _ = resources[before]["urn"].split("::", 3)
    for index, record in enumerate(resources):
        if record["type"] == kind and record["urn"].rpartition("::")[2].startswith("default"):
            resources.insert(min(index, before), resources.pop(index))
            return record
    made: Record = {"urn": f"{stack}::{project}::{kind}::default", "custom": True, "id": str(uuid4()), "type": kind}
    resources.insert(before, made)
    return made


def _rename(record: Record, types: Mapping[str, str]) -> None:
    """Follow the changed types in a record's own URN and in all that refer to others."""

    def renamed(urn: str) -> str:
        prefix, project, kinds, name = urn.split("::", 3)
        return "::".join([prefix, project, "$".join(types.get(kind, kind) for kind in kinds.split("$")), name])

    for one in ("urn", "parent", "provider", "deletedWith", "viewOf"):
        if record.get(one):
            record[one] = renamed(record[one])
    for several in ("dependencies", "aliases", "replaceWith"):
        if record.get(several):
            record[several] = [renamed(urn) for urn in record[several]]
    by_property: Mapping[str, list[str] | None] = record.get("propertyDependencies") or {}
    if by_property:
        record["propertyDependencies"] = {
            name: [renamed(urn) for urn in urns or []] for name, urns in by_property.items()
        }


def _single(name: str) -> str:
    return name[1:] if name.startswith("__") else name


def _double(name: str) -> str:
    return f"__{name.lstrip('_')}" if name.startswith("_") else name


def _holds_secret(value: object) -> bool:
    if isinstance(value, dict):
        return MARK in value or any(_holds_secret(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secret(item) for item in value)


def _read(text: str) -> Record:
    try:
        exported = json.loads(text)
    except ValueError:
        exported = None
    if not isinstance(exported, dict):
        raise NotMovedError("standard input is not what `pulumi stack export` writes")
    return exported


def main(arguments: list[str]) -> int:
    """Read an exported state on standard input, write it moved to standard output; returns the exit status."""
    ways = {"dynamic": to_dynamic, "plugin": to_plugin}
    if len(arguments) != 1 or arguments[0] not in ways:
        sys.stderr.write("usage: python -m pulumi_resource_apikeys.dynamic.move dynamic|plugin < exported.json\n")
        return 2
    try:
        exported = _read(sys.stdin.read())
        lines = ways[arguments[0]](exported)
    except NotMovedError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    json.dump(exported, sys.stdout, indent=4)
    sys.stdout.write("\n")
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
