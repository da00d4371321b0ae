"""What a Pulumi YAML program says of our package that its schema does not know, found without an engine."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

Spec = dict[str, Any]
_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


def problems(program: Spec, schema: Spec) -> list[str]:
    """Names of resources, functions, properties and outputs, and types of values; other packages' are left alone."""
    check = _Check(schema)
    for name, resource in program.get("resources", {}).items():
        check.resource(name, resource["type"], resource.get("properties", {}))
    for name, variable in program.get("variables", {}).items():
        call = variable["fn::invoke"]
        check.function(name, call["function"], call.get("arguments", {}))
    for name, output in re.findall(r"\$\{(\w+)\.(\w+)", json.dumps(program)):
        if output not in check.outputs.get(name, {output}):
            check.found.append(f"{name} has no output {output}")
    return check.found


@dataclass
class _Check:
    schema: Spec
    found: list[str] = field(default_factory=list)
    outputs: dict[str, set[str]] = field(default_factory=dict)

    def resource(self, name: str, token: str, given: Spec) -> None:
        if spec := self._spec("resources", token):
            self._values(token, given, spec["inputProperties"])
            self.found += [f"{name} lacks {wanted}" for wanted in spec["requiredInputs"] if wanted not in given]
            self.outputs[name] = {*spec["properties"], "id", "urn"}

    def function(self, name: str, token: str, given: Spec) -> None:
        if spec := self._spec("functions", token):
            self._values(token, given, spec["inputs"]["properties"])
            self.outputs[name] = set(spec["outputs"]["properties"])

    def _spec(self, kind: str, token: str) -> Spec | None:
        package, _, name = token.partition(":")
        if package != self.schema["name"]:
            return None
        spec: Spec | None = self.schema[kind].get(f"{package}:index:{name.rpartition(':')[2]}")
        if spec is None:
            self.found.append(f"there is no {token}")
        return spec

    def _values(self, token: str, given: Spec, known: Spec) -> None:
        for name, value in given.items():
            if name not in known:
                self.found.append(f"{token} has no {name}")
            elif not _fits(value, known[name]):
                self.found.append(f"{name} of {token} is {value!r}")


def _fits(value: object, spec: Spec) -> bool:
    if isinstance(value, str) and "${" in value:
        return True
    kind = _KINDS.get(spec.get("oneOf", [spec])[0].get("type", ""), object)
    return isinstance(value, kind) and not (isinstance(value, bool) and kind not in {bool, object})
