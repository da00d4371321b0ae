"""Any lifecycle where no call may be made: looking and planning go on, reads answer the state, writes are refused.

A write that would only change the state is refused as well, so that a run either changes nothing or is no offline one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from pulumi_resource_apikeys.errors import OfflineError, Subject
from pulumi_resource_apikeys.model.values import Props, text

from .lifecycle import Live
from .wrapping import Wrapper

if TYPE_CHECKING:
    from pulumi_resource_apikeys.keys.ownership import Owner

    from .lifecycle import Lifecycle

NOTICE = "the provider is offline: reads answer the last known state, and writes fail"
REMEDY = (
    "the provider is offline, so nothing was changed. To write, run without APIKEYS_OFFLINE and without `offline` in"
    " the provider's configuration (for the default provider: `pulumi config rm apikeys:offline`)"
)
NOTHING_TO_TELL = (
    "the provider is offline, and functions and lists have no last known state to answer from. Run without"
    " APIKEYS_OFFLINE and without `offline` in the provider's configuration, or leave the call out of offline runs"
)


class OfflineLifecycle(Wrapper):
    """Another lifecycle, offline; see `resources.lifecycle.Lifecycle` for what each method does."""

    def __init__(self, lifecycle: Lifecycle, notices: list[str]) -> None:
        """Take the lifecycle, whose calls to the API must be refused, and notices that the next read will tell.

        All lifecycles of a run share the list, so that a notice is told once and not for each resource.
        """
        super().__init__(lifecycle)
        self._notices = notices

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:  # noqa: ARG002 - the protocol's
        """Refuse."""
        _refuse("create", inputs)

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live:  # noqa: ARG002 - the protocol's
        """The last known state; refuse an import, which has none."""
        if not state:
            raise OfflineError(f"could not read API key {resource_id}: {REMEDY}")
        notices = tuple(self._notices)
        self._notices.clear()
        return Live(resource_id, state, inputs, notices)

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:  # noqa: ARG002 - the protocol's
        """Refuse."""
        _refuse("update", state)

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """Refuse."""
        _refuse("revoke", state)


def _refuse(action: str, props: Props) -> NoReturn:
    subject = Subject(action, str(props.get("projectId")), text(props, "name"))
    raise OfflineError(f"could not {subject}: {REMEDY}")
