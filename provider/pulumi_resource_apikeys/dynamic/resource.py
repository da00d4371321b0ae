"""What the resource classes share: arguments on their way to the engine, outputs on their way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

import pulumi
import pulumi.dynamic

from .names import camel, path_in_state

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from typing_extensions import Never, Self

    from .providers import KeyProvider

T = TypeVar("T")

PATH_OPTIONS = ("ignore_changes", "replace_on_changes", "hide_diffs", "additional_secret_outputs")
"""The resource options that are lists of property paths or names."""


class Out(Generic[T]):
    """An output of a resource class, by the name it is assigned to: `key_id = Out[str]()`."""

    def __init__(self, convert: Callable[[Any], T] | None = None) -> None:
        """`convert` makes a known value of the wire's type, where a number is always a float, one of type T."""
        self._convert = convert

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the name."""
        self.name = name

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: pulumi.Resource, owner: type) -> pulumi.Output[T]: ...
    def __get__(self, resource: pulumi.Resource | None, owner: type) -> pulumi.Output[T] | Self:
        """The output of that resource."""
        if resource is None:
            return self
        value: pulumi.Output[Any] = resource.__dict__[camel(self.name)]
        return value if self._convert is None else value.apply(self._converted)

    def _converted(self, value: Any) -> Any:  # noqa: ANN401 - what the wire brings
        """The value in its type; None if there is none, as mocks in a user's tests may leave it."""
        return value if value is None or self._convert is None else self._convert(value)

    def __set__(self, resource: pulumi.Resource, value: Never) -> None:
        """Outputs are read alone; there is no value that a type checker would let through."""
        raise AttributeError(f"{self.name} is an output and can't be set")


class KeyResource(pulumi.dynamic.Resource, module="apikeys", name="Key"):
    """A dynamic resource with arguments of one class and outputs told by `Out`."""

    arguments: ClassVar[type[Any]]
    provider_object: ClassVar[KeyProvider]
    secret_outputs: ClassVar[tuple[str, ...]]

    def __init__(self, resource_name: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Take arguments and options as the overloads of the subclasses say: an object or keywords, then options."""
        keywords = dict(named)
        rest = list(positional)
        takes_object = bool(rest) and isinstance(rest[0], self.arguments)
        args = rest.pop(0) if takes_object else keywords.pop("args", None)
        opts = rest.pop(0) if rest else keywords.pop("opts", None)
        if rest or not isinstance(opts, (pulumi.ResourceOptions, NoneType)) or (args is not None and keywords):
            raise TypeError(
                f"{type(self).__name__} takes a name, then either {self.arguments.__name__} or keyword arguments, and"
                " ResourceOptions"
            )
        given = args or self.arguments(**keywords)
        self._declare(resource_name, {field.name: getattr(given, field.name) for field in fields(given)}, opts)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in SDKs
        opts: pulumi.ResourceOptions | None = None,
    ) -> Self:
        """Read a key that is managed elsewhere; `id` is `projectId/keyId`. Its secret can't be had."""
        resource = cls.__new__(cls)
        resource._declare(resource_name, {}, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))  # noqa: SLF001 - our own
        return resource

    def _declare(
        self, resource_name: str, args: Mapping[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions | None
    ) -> None:
        outputs = [name for name, value in vars(type(self)).items() if isinstance(value, Out)]
        options = _in_state_form(opts, {*outputs, *(field.name for field in fields(self.arguments))})
        if options.import_:
            raise pulumi.RunError(_no_import(type(self).__name__, resource_name, options.import_))
        program: dict[str, Any] = {"name": resource_name, "secrets": _secrets(args)}
        if options.additional_secret_outputs:
            program["secretOutputs"] = options.additional_secret_outputs
        props: dict[str, Any] = {
            **{camel(name): None for name in outputs},
            **{camel(name): value for name, value in args.items()},
            "_program": program,
        }
        secret = pulumi.ResourceOptions(additional_secret_outputs=[*self.secret_outputs, "_inputs"])
        merged = pulumi.ResourceOptions.merge(options, secret)
        super().__init__(self.provider_object, resource_name, props, merged)


def _in_state_form(opts: pulumi.ResourceOptions | None, names: Collection[str]) -> pulumi.ResourceOptions:
    """A copy of the options, with the `names` of properties as they stand in the state."""
    options = pulumi.ResourceOptions.merge(opts, None)
    for option in PATH_OPTIONS:
        paths: list[str] | None = getattr(options, option)
        if paths is not None:
            setattr(options, option, [path_in_state(path, names) for path in paths])
    return options


def _no_import(kind: str, resource_name: str, key: str) -> str:
    return (
        f'{kind} "{resource_name}" can\'t import {key}: the host of dynamic resources has no import. Leave out import_;'
        f" `{kind}.get` reads a key without taking it over. To take it over, `pulumi import apikeys:index:{kind}"
        f" {resource_name} projectId/keyId` with the plugin, and then `python -m pulumi_resource_apikeys.dynamic.move`"
    )


async def _secrets(args: Mapping[str, pulumi.Input[Any]]) -> list[Any]:
    """The arguments that are a secret, by name, and the parts of others that are, each by the steps to it.

    The engine tells a dynamic provider no such thing.
    """
    parts = await _secret_parts({camel(name): value for name, value in args.items()})
    return [steps if len(steps) > 1 else steps[0] for steps in parts]


async def _secret_parts(value: pulumi.Input[Any]) -> list[list[str | int]]:
    """The steps to each part of a value that is a secret; none for a value that is one as a whole."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return []
    if isinstance(value, Mapping):
        parts = list(value.items())
    elif isinstance(value, (list, tuple)):
        parts = list(enumerate(value))
    else:
        return [[]] if await pulumi.Output.from_input(value).is_secret() else []
    return [[step, *steps] for step, part in parts for steps in await _secret_parts(part)]
