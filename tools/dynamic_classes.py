"""The classes of `dynamic/` as Python text, made from the models; `generate.py` writes it.

The text is in the form that `ruff format` leaves alone.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING

from pydantic.alias_generators import to_snake

from pulumi_resource_apikeys.errors import InternalError
from pulumi_resource_apikeys.model.facts import public
from pulumi_resource_apikeys.schema import Spec, properties, required

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import BaseModel

    from pulumi_resource_apikeys.model.fields import Args
    from pulumi_resource_apikeys.model.states import State

MADE = "Made from the models by `make generate`; do not edit."
"""Ends the first line of each file, and nobody else's."""

WIDTH = 120
SIMPLE = {"string": "str", "boolean": "bool", "integer": "int", "number": "float"}

TEMPLATE = '''\
"""`{name}` as a dynamic resource. {made}"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from .providers import {provider}
from .resource import KeyResource, Out

if TYPE_CHECKING:
{imports}    import pulumi


@dataclass(kw_only=True)
class {name}Args:
    """The arguments of `{name}`."""

    {arguments}


class {name}(KeyResource, module="apikeys", name="{name}"):
    {description}

    arguments = {name}Args
    provider_object = {provider}
    secret_outputs = {secrets}

    {outputs}

    @overload
    def __init__(
        self,
        resource_name: str,
        args: {name}Args,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        {keywords}
    ) -> None: ...
    def __init__(self, resource_name: str, *positional: Any, **named: Any) -> None:
        """Declare one, with the arguments of `{name}Args` as one object or by keyword."""
        super().__init__(resource_name, positional, named)
'''


@dataclass(frozen=True)
class Member:
    """One property of a resource, as a class declares it."""

    attribute: str
    spec: Spec
    required: bool

    @property
    def argument(self) -> str:
        """As an argument, of a function or of a dataclass."""
        kind = _input(self.spec)
        given = f"pulumi.Input[{kind}]" if self.required else f"pulumi.Input[{kind} | None] = None"
        return f"{self.attribute}: {given}"

    @property
    def output(self) -> str:
        """As an output; the wire knows no whole numbers, so they are made of what it brings.

        Raises InternalError for whole numbers inside a list or map, which nothing makes of it yet.
        """
        kind, convert = _output(self.spec), "int" if self.spec.get("type") == "integer" else ""
        if not convert and re.search(r"\bint\b", kind):
            raise InternalError(f"{self.attribute}: whole numbers inside a list or map would arrive as floats")
        if self.required and "[" not in kind:
            return f"{self.attribute} = Out[{kind}]({convert})"
        return f'{self.attribute} = Out["{kind if self.required else kind + " | None"}"]({convert})'


def dynamic_class(token: str, args: type[Args], outputs: type[State]) -> str:
    """The module with the class and the arguments of one resource type.

    It refers to the object in `dynamic.providers` that is named after it; that one is written by hand, for states keep
    its name. Raises InternalError for a field whose type can't be expressed.
    """
    taken = sorted(_members(args), key=lambda member: not member.required)
    given = list(_members(outputs))
    names = {known.name: known.attribute for model in (args, outputs) for known in public(model).values()}
    arguments = [member.argument for member in taken]
    results = [member.output for member in given]
    written = "\n".join(arguments + results)
    abstract = ", ".join(kind for kind in ("Mapping", "Sequence") if f"{kind}[" in written)
    class_name = token.rpartition(":")[2]
    return TEMPLATE.format(
        name=class_name,
        made=MADE,
        provider=module_name(token).upper(),
        imports=f"    from collections.abc import {abstract}\n\n" if abstract else "",
        arguments=_body(arguments, [member.spec for member in taken], names),
        description=_docstring(in_python(cleandoc(args.__doc__ or ""), names)),
        secrets=_tuple(known.name for known in public(outputs).values() if known.secret),
        outputs=_body(results, [member.spec for member in given], names),
        keywords="\n        ".join(f"{argument}," for argument in arguments),
    )


def module_name(token: str) -> str:
    """The module of a resource type's class in `dynamic/`: `apikeys:index:APIKey` → `api_key`."""
    return to_snake(token.rpartition(":")[2])


def in_python(text: str, names: Mapping[str, str]) -> str:
    """The text with properties named as in Python; an option of the provider is named as `pulumi config` does."""
    return re.sub(r"(?<!provider's )`(\w+)`", lambda quoted: f"`{names.get(quoted[1], quoted[1])}`", text)


def _members(model: type[BaseModel]) -> Iterator[Member]:
    specs = properties(model)
    always = required(model)
    return (Member(known.attribute, specs[name], name in always) for name, known in public(model).items())


def _input(spec: Spec) -> str:
    if spec.get("type") == "array":
        return f"Sequence[pulumi.Input[{_input(spec['items'])}]]"
    if spec.get("type") == "object":
        values = _input(spec["additionalProperties"])
        return f"Mapping[str, {values if values == 'Any' else f'pulumi.Input[{values}]'}]"
    return _simple(spec)


def _output(spec: Spec) -> str:
    if spec.get("type") == "array":
        return f"Sequence[{_output(spec['items'])}]"
    if spec.get("type") == "object":
        return f"Mapping[str, {_output(spec['additionalProperties'])}]"
    return _simple(spec)


def _simple(spec: Spec) -> str:
    """The type of a value without parts; of a choice of texts its text, since a program here has no enumerations."""
    plain = spec["oneOf"][0] if "oneOf" in spec else spec
    return SIMPLE[plain["type"]] if "type" in plain else "Any"


def _body(declarations: list[str], specs: list[Spec], names: Mapping[str, str]) -> str:
    """Declarations with what each means below it."""
    meanings = [_docstring(in_python(spec["description"], names)) for spec in specs]
    return "\n    ".join(f"{line}\n    {meaning}" for line, meaning in zip(declarations, meanings, strict=True))


def _docstring(text: str) -> str:
    """The text as a docstring that is indented by four blanks."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    if len(paragraphs) == 1 and len(text) <= WIDTH - len('    """' + '"""'):
        return f'"""{paragraphs[0]}"""'
    lines: list[str] = []
    for paragraph in ['"""' + paragraphs[0], *paragraphs[1:]]:
        lines += [*([""] if lines else []), *textwrap.wrap(paragraph, WIDTH - 4, break_on_hyphens=False)]
    return "\n    ".join([*lines, '"""']).replace("    \n", "\n")


def _tuple(names: Iterable[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"({', '.join(quoted)}{',' if len(quoted) == 1 else ''})"
