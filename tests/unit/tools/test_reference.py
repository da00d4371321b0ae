"""The reference is made from the schema alone: a table for what can be set, and two for each resource."""

from __future__ import annotations

from typing import Any

from pulumi_resource_apikeys.schema import schema
from reference import OPTIONS_BEGIN, OPTIONS_END, reference, with_options

STRING = {"type": "string"}


def test_every_property_of_the_schema_has_a_row() -> None:
    made, text = schema(), reference(schema())
    groups = [made["provider"]["inputProperties"]]
    for token, resource in made["resources"].items():
        assert f"\n## {token.rpartition(':')[2]}\n" in text
        groups += [resource["inputProperties"], resource["properties"], resource["listInputs"]["properties"]]
    for function in made["functions"].values():
        groups += [function["inputs"]["properties"], function["outputs"]["properties"]]
    for named in made["types"].values():
        groups.append(named["properties"] if "properties" in named else [choice["value"] for choice in named["enum"]])
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [name for group in groups for name in group]


def test_a_row_tells_the_type_and_what_always_holds_on_one_line() -> None:
    properties = {
        "tags": {"type": "array", "items": STRING, "description": "One\nor more."},
        "notes": {"type": "object", "additionalProperties": STRING, "secret": True, "description": "Yes | no."},
    }
    provider = {"description": "Where it is.", "inputProperties": {}}
    other = {"description": "Other.", "inputProperties": {}, "properties": properties, "required": ["tags"]}
    listed: dict[str, Any] = {"listInputs": {"properties": {}, "required": []}}
    resources = {"apikeys:index:Other": {**other, **listed}}
    text = reference({"provider": provider, "resources": resources, "functions": {}, "types": {}})
    assert "| `tags` | list of string, always | One or more. |" in text
    assert "| `notes` | map, secret | Yes \\| no. |" in text


def test_a_page_gets_the_options_between_its_comments_and_keeps_the_rest() -> None:
    options = {"endpoint": {**STRING, "description": "Where it is."}}
    page = f"before\n{OPTIONS_BEGIN}\nold\n{OPTIONS_END}\nafter\n"
    made = with_options(page, {"provider": {"inputProperties": options}})
    assert made.startswith("before\n")
    assert made.endswith("after\n")
    assert "old" not in made
    assert "| `endpoint` | string | Where it is. |" in made
    assert with_options(made, {"provider": {"inputProperties": options}}) == made
