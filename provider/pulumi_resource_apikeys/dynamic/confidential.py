"""What of a dynamic resource is secret.

The engine sends a dynamic provider secrets unmarked. So the resource's class tells of them, in the input `_program`:
`secrets` lists the arguments that are secret, each by its name or, if only a part of it is, by the steps to that
part; `secretOutputs` lists the outputs that the program wants to be secret besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.values import Props, Value, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_resource_apikeys.model.states import State

    Steps = tuple[str | int, ...]

PROGRAM = "__program"


def resource_name(inputs: Props) -> str:
    """The name that the program gave the resource; empty if the inputs are of no program's."""
    return text(_program(inputs), "name") or ""


def secret_inputs(inputs: Props) -> frozenset[str]:
    """The arguments that are, or anywhere contain, a secret."""
    return frozenset(str(steps[0]) for steps in _secrets(inputs))


def secret_outputs(outputs: type[State], inputs: Props) -> frozenset[str]:
    """The outputs to be kept secret."""
    return outputs.secret_outputs(secret_inputs(inputs) | _chosen(inputs))


def secret_strings(outputs: type[State], inputs: Props, *more: Props) -> set[str]:
    """The strings that no words may hold: of the inputs, and of more properties of the same resource."""
    parts = _secrets(inputs)
    whole = outputs.secret_outputs({str(steps[0]) for steps in parts if len(steps) == 1} | _chosen(inputs))
    paths: list[Steps] = [*parts, *((name,) for name in whole)]
    return {string for props in (inputs, *more) for path in paths for string in _strings(_at(props, path))}


def _program(inputs: Props) -> Props:
    program = inputs.get(PROGRAM)
    return program if isinstance(program, Mapping) else {}


def _chosen(inputs: Props) -> frozenset[str]:
    names = _program(inputs).get("secretOutputs")
    return frozenset(map(str, names)) if isinstance(names, list) else frozenset()


def _secrets(inputs: Props) -> list[Steps]:
    names = _program(inputs).get("secrets")
    listed = names if isinstance(names, list) else []
    return [tuple(map(_step, one)) if isinstance(one, list) else (str(one),) for one in listed if one]


def _step(written: Value) -> str | int:
    return int(written) if isinstance(written, (int, float)) else str(written)


def _at(value: Value, steps: Steps) -> Value:
    for step in steps:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, Sequence) and not isinstance(value, str) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _strings(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _strings(item)
