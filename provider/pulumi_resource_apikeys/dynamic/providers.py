"""What the state's `__provider` refers to: two objects of this module, by name, with nothing inside.

Pulumi pickles a dynamic provider into the state of each of its resources. Ours pickle as "the object of that name in
this module", so the state holds no code and no secret, and the same bytes whatever the version of Python or of this
package. So the names here, once in a state, stay for good: `pulumi_resource_apikeys.dynamic.providers`, `API_KEY`,
`ROTATING_API_KEY`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .adapter import Adapter

Method = TypeVar("Method", bound="Callable[..., Any]")


class Failure(Exception):  # noqa: N818 - the dynamic host prints the class's name before the words
    """What went wrong, in the words for the user; the dynamic host prints it below a traceback."""


Failure.__module__ = "apikeys"  # printed too, and this is shorter


def in_words(method: Method) -> Method:
    """Let a method fail with nothing but words for the user, and with one frame of ours in the host's traceback."""

    @functools.wraps(method)
    def answer(*arguments: object) -> object:
        try:
            return method(*arguments)
        except Exception as error:  # noqa: BLE001 - also a bug must not show secrets
            from .words import words_of  # noqa: PLC0415 - only a provider's process needs it

            failure = Failure(words_of(error))
        raise failure

    return answer  # type: ignore[return-value] # wraps() keeps the signature, which mypy can't see


class KeyProvider(ResourceProvider):
    """A dynamic provider of one resource type. The host configures it once, and then calls it from four threads."""

    serialize_as_secret_always = False

    def __init__(self, reference: str, token: str) -> None:
        """Take the name of the object in this module, and the type's token in `resources.catalogue`."""
        super().__init__()
        self._reference = reference
        self._token = token
        self._adapter: Adapter | None = None

    def __reduce__(self) -> str:
        """Pickle as a reference by name."""
        return self._reference

    @property
    def adapter(self) -> Adapter:
        """Where the work is done. Raises RuntimeError before `configure`."""
        if self._adapter is None:
            raise RuntimeError("the dynamic provider was used before it was configured")
        return self._adapter

    @in_words
    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's configuration. What is wrong with it is told by `check`, where it needs no traceback."""
        from .adapter import Adapter  # noqa: PLC0415 - the heavy parts are for the provider's process alone
        from .host import shared  # noqa: PLC0415 - the same

        self._adapter = Adapter(shared(req.config), self._token)

    @in_words
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate a resource's inputs and fill in what is left out."""
        return self.adapter.check(olds, news)

    @in_words
    def diff(self, resource_id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare a resource with what is wanted."""
        return self.adapter.diff(resource_id, olds, news)

    @in_words
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make a resource."""
        return self.adapter.create(props)

    @in_words
    def read(self, resource_id: str, props: dict[str, Any]) -> ReadResult:
        """Look at a resource; an empty id means that it is gone."""
        return self.adapter.read(resource_id, props)

    @in_words
    def update(self, resource_id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Change a resource in place."""
        return self.adapter.update(resource_id, olds, news)

    @in_words
    def delete(self, resource_id: str, props: dict[str, Any]) -> None:
        """Revoke a resource's keys."""
        self.adapter.delete(resource_id, props)


API_KEY = KeyProvider("API_KEY", "apikeys:index:APIKey")
ROTATING_API_KEY = KeyProvider("ROTATING_API_KEY", "apikeys:index:RotatingAPIKey")
