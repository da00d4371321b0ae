"""The lines of a program that declare keys that are taken over, in each language; pure.

They say what the key has (project, name, scopes), so that the `up` after the import changes nothing. A name is text of
others, so each language's own way of writing a text is kept to.
"""

from __future__ import annotations

import keyword
import re
from enum import Enum
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.text import without_lone_surrogates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .adoption import Adoption

_HIGH = 0xFFFF
_GO_WORDS = frozenset(
    {"break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go"}
    | {"goto", "if", "import", "interface", "map", "package", "range", "return", "select", "struct", "switch", "type"}
    | {"var", "ctx", "err", "apikeys", "pulumi", "nil", "true", "false"}
)
_TS_WORDS = frozenset(
    {"await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else"}
    | {"enum", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import", "in"}
    | {"instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "return", "static"}
    | {"super", "switch", "this", "throw", "true", "try", "typeof", "var", "void", "while", "with", "yield"}
    | {"apikeys", "arguments", "eval", "pulumi"}
)


class Language(str, Enum):
    """The languages of programs."""

    PYTHON = "python"
    TYPESCRIPT = "typescript"
    GO = "go"
    YAML = "yaml"


def lines(made: Sequence[Adoption], language: Language) -> str:
    """The declarations; imports stand in front of them where the language has them in one place."""
    write, head = _WRITERS[language]
    return head + "\n".join(map(write, made))


def _arguments(one: Adoption) -> list[tuple[str, str | list[str]]]:
    """The inputs in camel case, with their values."""
    given: list[tuple[str, str | list[str]]] = [("projectId", one.key.project_id), ("name", one.key.name)]
    if one.key.scopes:
        given.append(("scopes", list(one.key.scopes)))
    if one.rotation is not None:
        given += [("rotateEvery", one.rotation.every), ("overlap", one.rotation.overlap)]
    return given


def _python(one: Adoption) -> str:
    inner = "".join(f"    {_snake(name)}={_value(given, _text)},\n" for name, given in _arguments(one))
    variable = _snake_variable(one.name)
    return (
        f"{variable} = apikeys.{one.kind}(\n    {_text(one.name)},\n{inner}"
        "    opts=pulumi.ResourceOptions(protect=True),\n)\n"
    )


def _typescript(one: Adoption) -> str:
    inner = "".join(f"    {name}: {_value(given, _typescript_text)},\n" for name, given in _arguments(one))
    variable, name = _camel(one.name, _TS_WORDS), _typescript_text(one.name)
    return f"const {variable} = new apikeys.{one.kind}({name}, {{\n{inner}}}, {{ protect: true }});\n"


def _go(one: Adoption) -> str:
    def value(given: str | list[str]) -> str:
        if isinstance(given, list):
            return f"pulumi.StringArray{{{', '.join(map(value, given))}}}"
        return f"pulumi.String({_text(given)})"

    inner = "".join(f"\t{name[:1].upper()}{name[1:]}: {value(given)},\n" for name, given in _arguments(one))
    variable = _camel(one.name, _GO_WORDS)
    return (
        f"{variable}, err := apikeys.New{one.kind}(ctx, {_text(one.name)}, &apikeys.{one.kind}Args{{\n{inner}"
        f"}}, pulumi.Protect(true))\nif err != nil {{\n\treturn err\n}}\n_ = {variable}\n"
    )


def _yaml(one: Adoption) -> str:
    inner = "".join(f"      {name}: {_value(given, _yaml_text)}\n" for name, given in _arguments(one))
    return f"  {one.name}:\n    type: apikeys:{one.kind}\n    properties:\n{inner}    options:\n      protect: true\n"


_WRITERS: dict[Language, tuple[Callable[[Adoption], str], str]] = {
    Language.PYTHON: (_python, "import pulumi\nimport pulumi_apikeys as apikeys\n\n"),
    Language.TYPESCRIPT: (_typescript, 'import * as apikeys from "pulumi-apikeys";\n\n'),
    Language.GO: (_go, ""),
    Language.YAML: (_yaml, "resources:\n"),
}


def _text(text: str) -> str:
    """A text as Python, Go and YAML write it: what can't be seen is escaped."""

    def escape(character: str) -> str:
        return f"\\U{ord(character):08x}" if ord(character) > _HIGH else f"\\u{ord(character):04x}"

    return _quoted(text, escape)


def _quoted(text: str, escape: Callable[[str], str]) -> str:
    shown = (
        f"\\{character}" if character in '"\\' else character if character.isprintable() else escape(character)
        for character in without_lone_surrogates(text)
    )
    return f'"{"".join(shown)}"'


def _typescript_text(text: str) -> str:
    return _quoted(text, lambda character: f"\\u{{{ord(character):x}}}")


def _yaml_text(text: str) -> str:
    """`${` would be taken for a reference to another resource."""
    return _text(text.replace("${", "$${"))


def _value(given: str | list[str], text: Callable[[str], str]) -> str:
    """A text or a list of texts, in brackets."""
    return text(given) if isinstance(given, str) else f"[{', '.join(map(text, given))}]"


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _snake_variable(name: str) -> str:
    variable = name.replace("-", "_")
    return f"{variable}_" if keyword.iskeyword(variable) or variable in {"pulumi", "apikeys"} else variable


def _camel(name: str, reserved: frozenset[str]) -> str:
    first, *rest = name.split("-")
    variable = first + "".join(part.capitalize() if part[0].isalpha() else f"_{part}" for part in rest)
    return f"{variable}Key" if variable in reserved else variable
