"""The reference of every input and output as Markdown, made from the package schema; `generate.py` writes it."""

from __future__ import annotations

import re
from typing import Any

Spec = dict[str, Any]

HEAD = """\
<!-- Made from the models by `make generate`; do not edit. -->
# Reference

Names are as in the schema, in camelCase; in Python they are in snake_case (`expiresIn` is `expires_in`).
"""

OPTIONS_BEGIN = "<!-- The options are made from the models by `make generate`. -->"
OPTIONS_END = "<!-- End of the options. -->"


def reference(schema: Spec) -> str:
    """Describe the provider's configuration, each resource and function, inputs first, and the types that they name."""
    parts = [HEAD, "## Provider configuration\n", schema["provider"]["description"].strip() + "\n"]
    parts.append(_table(schema["provider"]["inputProperties"], ()))
    for token, resource in schema["resources"].items():
        parts += [f"## {_name(token)}\n", _described(resource), "### Inputs\n"]
        parts.append(_table(resource["inputProperties"], resource.get("requiredInputs", ())))
        parts += ["### Outputs\n", _table(resource["properties"], resource.get("required", ()))]
        listed = resource["listInputs"]
        parts += ["### List inputs\n", _table(listed["properties"], listed["required"])]
    for token, function in schema["functions"].items():
        parts += [f"## {_name(token)}\n", _described(function)]
        for title, side in (("Arguments", function["inputs"]), ("Result", function["outputs"])):
            parts += [f"### {title}\n", _table(side["properties"], side["required"])]
    for token, named in schema["types"].items():
        parts += [f"## {_name(token)}\n", named["description"].strip() + "\n"]
        parts.append(_choices(named) if "enum" in named else _table(named["properties"], named["required"]))
    return "\n".join(parts)


def with_options(page: str, schema: Spec) -> str:
    """A page with the table of the provider's options between its two comments about them."""
    before, _, rest = page.partition(OPTIONS_BEGIN)
    _, _, after = rest.partition(OPTIONS_END)
    options = schema["provider"]["inputProperties"]
    return f"{before}{OPTIONS_BEGIN}\n\n{_table(options, ())}\n{OPTIONS_END}{after}"


def _described(spec: Spec) -> str:
    """What a resource or function is, and not the examples and the import that the registry shows behind that."""
    description: str = spec["description"]
    return description.partition("{{% examples %}}")[0].strip() + "\n"


def _table(properties: Spec, required: list[str] | tuple[str, ...]) -> str:
    rows = ["| name | type | what it is |", "|---|---|---|"]
    for name, spec in properties.items():
        marks = [mark for mark, holds in (("secret", spec.get("secret")), ("always", name in required)) if holds]
        kind = ", ".join([_type(spec), *marks])
        text = re.sub(r"\s+", " ", spec.get("description", "")).replace("|", "\\|")
        rows.append(f"| `{name}` | {kind} | {text} |")
    return "\n".join(rows) + "\n"


def _choices(named: Spec) -> str:
    rows = [f"| `{choice['value']}` | {choice['description']} |" for choice in named["enum"]]
    return "\n".join(["| value | what it means |", "|---|---|", *rows]) + "\n"


def _name(token: str) -> str:
    return token.rpartition(":")[2]


def _type(spec: Spec) -> str:
    if "oneOf" in spec:
        return _type(spec["oneOf"][-1])
    if "/types/" in spec.get("$ref", ""):
        name = _name(spec["$ref"])
        return f"[{name}](#{name.lower()})"
    if spec.get("type") == "array":
        return f"list of {_type(spec['items'])}"
    if spec.get("type") == "object":
        return "map"
    return str(spec.get("type", "any"))
