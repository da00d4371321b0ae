"""Declares the resources that resources.json lists, with the SDK that HARNESS_MODULE names.

A resource of type `Raw` is an `APIKey` whose arguments go by no SDK.
"""

import importlib
import json
import os
import signal
from pathlib import Path
from typing import Any

import pulumi

from consumer import Consumer

# The engine interrupts the program once a resource has failed: Python would print where that was, in its own words.
signal.signal(signal.SIGINT, signal.SIG_DFL)

apikeys = importlib.import_module(os.environ["HARNESS_MODULE"])
made: dict[str, Any] = {}


def value(item: Any) -> Any:
    """An argument: `$output`, `$secret` and `$asset` stand for what JSON can't say."""
    if isinstance(item, list):
        return [value(inner) for inner in item]
    if not isinstance(item, dict):
        return item
    if set(item) == {"$output"}:
        name, _, output = item["$output"].partition(".")
        return getattr(made[name], output)
    if set(item) == {"$secret"}:
        return pulumi.Output.secret(item["$secret"])
    if set(item) == {"$asset"}:
        return pulumi.StringAsset(item["$asset"])
    return {key: value(inner) for key, inner in item.items()}


def options_of(entry: dict[str, Any]) -> pulumi.ResourceOptions:
    """Resource options; other resources are named, aliases are given as arguments of `pulumi.Alias`."""
    options = dict(entry.get("options", {}))
    if "aliases" in options:
        options["aliases"] = [pulumi.Alias(**alias) for alias in options["aliases"]]
    if "depends_on" in options:
        options["depends_on"] = [made[other] for other in options["depends_on"]]
    if "provider" in options:
        options["provider"] = made[options["provider"]]
    return pulumi.ResourceOptions(**options)


for name, entry in json.loads(Path(__file__).with_name("resources.json").read_text()).items():
    kind = entry.get("type", "APIKey")
    arguments = {key: value(item) for key, item in entry.get("args", {}).items()}
    if kind == "Consumer":
        made[name] = Consumer(name, arguments, options_of(entry))
        continue
    if kind == "Raw":
        made[name] = pulumi.CustomResource("apikeys:index:APIKey", name, arguments, options_of(entry))
        continue
    made[name] = getattr(apikeys, kind)(name, opts=options_of(entry), **arguments)
    if kind != "Provider":
        for output in entry.get("exports", ["key", "key_id", "name"]):
            pulumi.export(f"{name}.{output}", getattr(made[name], output))
