"""The Pulumi package schema, made from the models: what the plugin answers and what the SDKs are generated from.

A new field of a model needs no change here; a new resource or function is one row of its catalogue, and a file of
`usage/` with its examples in every language. No option takes a
default from the environment in the schema: an SDK would resolve it in the program, and the value would land in the
state. The provider reads its environment by itself. Nor has an input a default in the schema: an SDK would write it
into the inputs, and every stack would show a change; descriptions tell defaults.

The form of a package schema: `pkg/v3/codegen/schema/pulumi.json` in Pulumi's sources.
"""

from __future__ import annotations

import json
from importlib.resources import files
from inspect import cleandoc
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from . import __version__, publishing
from .errors import InternalError
from .functions.catalogue import FUNCTIONS
from .functions.function import Result
from .functions.listing import ListArgs
from .model.facts import OnChange, Property, Told, public
from .resources.catalogue import RESOURCES
from .settings import ProviderArgs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .functions.catalogue import FunctionType
    from .model.choices import Choice
    from .model.fields import Args
    from .model.states import State

Spec: TypeAlias = dict[str, Any]

DESCRIPTION = "The API keys of a project as resources: minted, healed when revoked by hand, and revoked by `pulumi up`."
PROVIDER_DESCRIPTION = """\
Where the API is, and where its bearer tokens come from.

`endpoint` is required. A token comes from one of `token`, `tokenFile`, `tokenCommand`, or `clerkSecretKey` with
`clerkSessionId`. Each option can also stand in the environment variable that its description names, `endpoint` too, so
SDKs let it be left out; what the stack says comes first, and what comes from the environment never lands in the state.
"""
README = """\
# API keys as Pulumi resources, for {language}

`pulumi up` mints an API key, its secret is a Pulumi secret output, a key revoked by hand comes back, and rotation is
declared instead of remembered: resources `APIKey` and `RotatingAPIKey` of the Pulumi package `apikeys`.

This is the SDK: what a program imports. The engine also needs the plugin, `pulumi-resource-apikeys`, of its version.
"""
"""What a package index shows of an SDK; without links, for the repository's address may not be known."""

PRIMITIVES: Mapping[object, Spec] = {
    str: {"type": "string"},
    SecretStr: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Any: {"$ref": "pulumi.json#/Any"},
}

LANGUAGES: Mapping[str, Spec] = {
    "python": {
        "packageName": "pulumi_apikeys",
        "readme": README.format(language="Python"),
        "pyproject": {"enabled": True},
        "pythonRequires": ">=3.10",
        "respectSchemaVersion": True,
    },
    "nodejs": {
        "packageName": publishing.NODE_PACKAGE,
        "readme": README.format(language="Node.js"),
        "respectSchemaVersion": True,
    },
    "go": {
        "importBasePath": f"{publishing.GO_MODULE}/apikeys",
        "modulePath": publishing.GO_MODULE,
        "generateResourceContainerTypes": True,
        "respectSchemaVersion": True,
    },
    "csharp": {"namespaces": {"apikeys": "ApiKeys"}, "respectSchemaVersion": True},
}
"""What the SDK generators are told; that of .NET runs in `pulumi package add` alone.

The oldest Pulumi that an SDK runs with is left to them: they know their code.
"""

PUBLISHED: Mapping[str, str] = {
    "publisher": publishing.PUBLISHER,
    "homepage": publishing.HOMEPAGE or publishing.REPOSITORY,
    "repository": publishing.REPOSITORY,
    "license": publishing.LICENSE,
    "logoUrl": publishing.LOGO_URL,
    "pluginDownloadURL": publishing.PLUGIN_DOWNLOAD_URL,
}
"""What the schema tells of its publisher; what is empty is left out."""


def schema() -> Spec:
    """The package schema as JSON-ready data. Raises InternalError for a field whose type it can't express.

    `supportPack` makes the committed SDKs the same as those of `pulumi package add`.
    """
    options = properties(ProviderArgs)
    return {
        "name": "apikeys",
        "displayName": "API Keys",
        "version": __version__,
        "description": DESCRIPTION,
        "keywords": ["pulumi", "apikeys", "category/cloud", "kind/native", "api-keys", "rotation", "secrets"],
        **{name: value for name, value in PUBLISHED.items() if value},
        "meta": {"supportPack": True},
        "language": dict(LANGUAGES),
        "config": {"variables": options},
        "types": types(_models()),
        "provider": {"description": prose(PROVIDER_DESCRIPTION), "inputProperties": options},
        "resources": {
            token: with_usage(token, resource_spec(row.args, row.outputs)) for token, row in RESOURCES.items()
        },
        "functions": {token: with_usage(token, function_spec(row)) for token, row in FUNCTIONS.items()},
    }


def schema_json() -> str:
    """The package schema as text: always the same for the same models, indented, with a line feed at the end."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def with_usage(token: str, spec: Spec) -> Spec:
    """A resource or function with its file of `usage/` behind its description.

    The file is in the form of the registry, whose shortcodes tell the generators which code is of their language. What
    only whoever publishes knows stands in it as `NODE_PACKAGE` and `GO_MODULE`.
    """
    page = files(__package__) / "usage" / f"{token.rpartition(':')[2]}.md"
    usage = page.read_text(encoding="utf-8")
    named = usage.replace("NODE_PACKAGE", publishing.NODE_PACKAGE).replace("GO_MODULE", publishing.GO_MODULE)
    return {**spec, "description": f"{spec['description']}\n\n{named.strip()}"}


def resource_spec(args: type[Args], outputs: type[State]) -> Spec:
    """One resource: inputs from `args`, which also describes it, and outputs.

    Replacements are told as documentation only (`willReplaceOnChanges`): the provider's own Diff decides, and the
    schema's `replaceOnChanges` would overrule it, for example if two spellings mean the same time.
    """
    return {
        "description": prose(args.__doc__),
        "inputProperties": properties(args),
        "requiredInputs": required(args),
        "properties": properties(outputs),
        "required": required(outputs),
        "listInputs": {"properties": properties(ListArgs), "required": required(ListArgs)},
    }


def function_spec(row: FunctionType) -> Spec:
    """One function: inputs from its `args` model, outputs from its `result` model; its own docstring describes it."""
    return {
        "description": prose(row.__doc__),
        "inputs": {"properties": properties(row.args), "required": required(row.args)},
        "outputs": {"properties": properties(row.result), "required": required(row.result)},
    }


def types(models: Iterable[type[BaseModel]]) -> dict[str, Spec]:
    """The types that these models name, by their tokens: choices of texts, and models within."""
    specs: dict[str, Spec] = {}
    for model in models:
        for known in public(model).values():
            if known.choice is not None:
                specs[_token(known.choice.name)] = choice_spec(known.choice)
            for inner in filter(_is_model, _parts(known.annotation)):
                specs[_token(inner.__name__)] = object_spec(inner)
                specs |= types([inner])
    return specs


def object_spec(model: type[BaseModel]) -> Spec:
    """A model that is the type of a property."""
    return {
        "description": prose(model.__doc__),
        "type": "object",
        "properties": properties(model),
        "required": required(model),
    }


def choice_spec(choice: Choice) -> Spec:
    """A choice of texts as an enumeration."""
    values = [{"value": text, "description": meaning} for text, meaning in choice.meanings.items()]
    return {"description": choice.description, "type": "string", "enum": values}


def properties(model: type[BaseModel]) -> dict[str, Spec]:
    """The fields of a model as property specs, by the names that users write, in the model's order."""
    specs: dict[str, Spec] = {}
    for name, known in public(model).items():
        try:
            spec = {**_type_of(known, model), "description": _description(known)}
        except TypeError as error:
            raise InternalError(f"{model.__name__}.{known.attribute}: {error}") from None
        if known.secret:
            spec["secret"] = True
        if known.on_change is OnChange.REPLACE:
            spec["willReplaceOnChanges"] = True
        specs[name] = spec
        if known.formerly is not None:
            renamed = f"{known.formerly} is called {name} now, and will be gone in the next major version"
            specs[known.formerly] = {
                **spec,
                "description": f"The former name of `{name}`.",
                "deprecationMessage": renamed,
            }
    return specs


def _type_of(known: Property, model: type[BaseModel]) -> Spec:
    """The type of a property; a choice of texts may be written as its text too, without its enumeration.

    A function's result has the enumeration alone: Python's generator takes a union there for an object, and refuses it.
    """
    if known.choice is None:
        return type_spec(known.annotation)
    enumeration = _reference(known.choice.name)
    return enumeration if issubclass(model, Result) else {"oneOf": [{"type": "string"}, enumeration]}


def _description(known: Property) -> str:
    return known.description if known.on_change is None else f"{known.description} Change: {known.on_change.value}"


def required(model: type[BaseModel]) -> list[str]:
    """The names of the fields that are never absent: those without a default, and the secret that each new key brings.

    A key that was imported without its secret lacks that. A type which says so would burden every program that has
    minted its key with a case that it never meets. A property that was renamed may stand under its former name.
    """
    return [
        name
        for name, known in public(model).items()
        if (known.required and known.formerly is None) or (known.secret and Told.WITH_KEY in known.told)
    ]


def prose(text: str | None) -> str:
    """A docstring for readers elsewhere: each paragraph on one line, so that terminals and web pages break it."""
    paragraphs = cleandoc(text or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def type_spec(annotation: object) -> Spec:
    """A field's type as a Pulumi type reference; `None` beside another type only says that it may be absent.

    Raises TypeError naming the annotation that has no counterpart.
    """
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_spec(inner[0])
    if origin in {Union, UnionType}:
        present = [member for member in inner if member is not NoneType]
        if len(present) == 1:
            return type_spec(present[0])
    if origin is list:
        return {"type": "array", "items": type_spec(inner[0])}
    if origin is dict and inner[0] is str:
        return {"type": "object", "additionalProperties": type_spec(inner[1])}
    if _is_model(annotation):
        return _reference(annotation.__name__)
    if annotation not in PRIMITIVES:
        raise TypeError(f"the type {annotation} has no counterpart in a Pulumi schema")
    return dict(PRIMITIVES[annotation])


def _models() -> Iterator[type[BaseModel]]:
    for resource in RESOURCES.values():
        yield from (resource.args, resource.outputs)
    for function in FUNCTIONS.values():
        yield from (function.args, function.result)


def _is_model(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _parts(annotation: object) -> Iterator[object]:
    """A type and all that it is made of."""
    yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def _token(name: str) -> str:
    return f"apikeys:index:{name}"


def _reference(name: str) -> Spec:
    return {"$ref": f"#/types/{_token(name)}"}
