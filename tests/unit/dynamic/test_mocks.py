"""A user's unit tests: dynamic keys among Pulumi's mocks, which answer with no more than they were given.

In a process of its own, since mocks are set for a whole process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import Any

PROGRAM = """
    import json, sys
    import pulumi
    from pulumi_resource_apikeys.dynamic import APIKey, RotatingAPIKey
    from pulumi_resource_apikeys.dynamic.resource import Out

    more = json.loads(sys.argv[1])

    class Mocks(pulumi.runtime.Mocks):
        def new_resource(self, args):
            return f"{args.name}-id", {**args.inputs, **more}

        def call(self, args):
            raise AssertionError(args.token)

    pulumi.runtime.set_mocks(Mocks())

    @pulumi.runtime.test
    def told():
        keys = {
            "key": APIKey("key", name="deploy", triggers={"build": pulumi.Output.secret("1")}),
            "service": RotatingAPIKey("service", rotate_every="30d", overlap="7d"),
            "found": RotatingAPIKey.get("found", "project/key"),
        }
        outputs = {
            name: {output: getattr(key, output) for output, kind in vars(type(key)).items() if isinstance(kind, Out)}
            for name, key in keys.items()
        }
        return pulumi.Output.all(**outputs).apply(lambda found: print(json.dumps(found)))

    told()
"""


def outputs(**more: Any) -> dict[str, dict[str, Any]]:
    """What a test with mocks sees of each key: the outputs that are not None."""
    arguments = [sys.executable, "-c", textwrap.dedent(PROGRAM), json.dumps(more)]
    told = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, dict[str, Any]] = json.loads(told)
    return {key: {name: value for name, value in props.items() if value is not None} for key, props in found.items()}


def test_outputs_that_a_mock_does_not_give_are_none() -> None:
    assert outputs() == {
        "key": {"name": "deploy", "triggers": {"build": "1"}},
        "service": {"rotate_every": "30d", "overlap": "7d"},
        "found": {},
    }


def test_outputs_that_a_mock_gives_have_their_type() -> None:
    service = outputs(key="sk-1", keyId="an id", generation=3.0)["service"]

    assert (service["key"], service["key_id"]) == ("sk-1", "an id")
    assert repr(service["generation"]) == "3"
