"""A lifecycle around another one: what a subclass does not change goes on to the one within."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.model.values import Props

    from .lifecycle import (
        Checked,
        CheckRequest,
        Difference,
        DiffRequest,
        Gone,
        Lifecycle,
        Live,
    )


class Wrapper:
    """Another lifecycle, as it is; see `resources.lifecycle.Lifecycle` for what each method does."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        """Take the lifecycle within."""
        self._lifecycle = lifecycle

    @property
    def secrets(self) -> frozenset[str]:
        """The secret outputs."""
        return self._lifecycle.secrets

    def check(self, request: CheckRequest) -> Checked:
        """As within."""
        return self._lifecycle.check(request)

    async def diff(self, request: DiffRequest) -> Difference:
        """As within."""
        return await self._lifecycle.diff(request)

    async def preview(self, inputs: Props, state: Props | None) -> Props:
        """As within."""
        return await self._lifecycle.preview(inputs, state)

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:
        """As within."""
        return await self._lifecycle.create(inputs, owner)

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """As within."""
        return await self._lifecycle.read(resource_id, inputs, state, owner)

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """As within."""
        return await self._lifecycle.update(resource_id, state, inputs, owner)

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """As within."""
        return await self._lifecycle.delete(resource_id, state, owner)
