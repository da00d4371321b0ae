"""Exported states of stacks, as `pulumi stack export` writes them, with ciphertext for the secrets."""

from __future__ import annotations

from typing import Any

from fakes.keys import PROJECT, uuid
from pulumi_resource_apikeys.keys.ownership import Owner

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:AAAA:BBBB"}
STACK = "prod"
STACK_PROJECT = "infra"


def owner(name: str = "deploy", kind: str = "APIKey", stack: str = STACK, backend: str = "") -> Owner:
    """A resource of a stack, at its top."""
    return Owner(STACK_PROJECT, stack, f"apikeys:index:{kind}", name, backend)


def record(of: Owner, key_number: int = 1, inputs: dict[str, Any] | None = None, **outputs: Any) -> dict[str, Any]:
    """A resource's record, with the n-th key; `outputs` are those that differ from a key's that was just made.

    A rotating one has the key's rotation beside it.
    """
    kind = of.kind.rpartition("$")[2]
    key_id = uuid(key_number)
    made: dict[str, Any] = {
        "projectId": PROJECT,
        "keyId": key_id,
        "key": SECRET,
        "name": of.made_name(of.name),
        "createdAt": "2026-11-01T00:00:00Z",
    }
    if kind.endswith("RotatingAPIKey"):
        made |= {
            "name": of.name,
            "keyName": of.made_name(of.name),
            "generation": 1,
            "previousKey": SECRET,
            "previousKeyId": "",
            "previousRevokesAt": "",
            "rotateEvery": "30d",
            "overlap": "7d",
            "rotatedAt": "2026-11-01T00:00:00Z",
            "nextRotationAt": "2026-12-01T00:00:00Z",
        }
    given = {name: value for name, value in {**made, **outputs}.items() if value is not None}
    return {
        "urn": of.urn,
        "custom": True,
        "type": kind,
        "id": f"{PROJECT}/{key_id}",
        "inputs": inputs or {},
        "outputs": given,
        "additionalSecretOutputs": ["key", "previousKey"],
    }


def exported(*records: dict[str, Any], stack: str = STACK) -> dict[str, Any]:
    """An export of a stack with these resources."""
    root = {
        "urn": f"urn:pulumi:{stack}::{STACK_PROJECT}::pulumi:pulumi:Stack::{STACK_PROJECT}-{stack}",
        "custom": False,
        "type": "pulumi:pulumi:Stack",
    }
    return {"version": 3, "deployment": {"manifest": {}, "resources": [root, *records]}}
