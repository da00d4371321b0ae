"""Where a key lives: each state remembers its endpoint, and a key of another endpoint is left alone.

A provider that is set to another endpoint finds no key of the old one there. To take that for "deleted" would make a
second key and forget a live one; to revoke there would revoke nothing, or somebody else's. So nothing is sent for such
a key, and the user is told where it lives and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ElsewhereError, UnconfirmedPlaceError
from pulumi_resource_apikeys.keys.port import KeyStatus, find
from pulumi_resource_apikeys.model.states import ENDPOINT, KeyState
from pulumi_resource_apikeys.settings import canonical

from .lifecycle import Difference, Live
from .wrapping import Wrapper

if TYPE_CHECKING:
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.keys.port import Keys
    from pulumi_resource_apikeys.model.values import Props
    from pulumi_resource_apikeys.settings import Settings

    from .lifecycle import DiffRequest, Gone, Lifecycle


@dataclass(frozen=True)
class Place:
    """Where the provider's calls go. All addresses are in the form of `settings.canonical`.

    `former` are other addresses of the same place, as the user says. `unmarked` is where keys live whose state has no
    endpoint, as earlier versions made them. `remembered`: the endpoint is what the state of the provider remembers, and
    may be another by now.
    """

    endpoint: str
    former: frozenset[str]
    unmarked: str
    remembered: bool = False

    def home(self, state: KeyState) -> str:
        """Where the keys of that state live."""
        return canonical(state.endpoint) if state.endpoint else self.unmarked


def place_of(settings: Settings, endpoint: str) -> Place:
    """The place of a provider with these settings and this endpoint."""
    former = frozenset(map(canonical, settings.former_endpoints))
    unmarked = canonical(settings.moved_from or endpoint)
    return Place(canonical(endpoint), former, unmarked, settings.endpoint_remembered)


class PlacedLifecycle(Wrapper):
    """Another lifecycle, for keys of one place."""

    def __init__(self, lifecycle: Lifecycle, keys: Keys, place: Place) -> None:
        """Take the lifecycle within, and the API at that place, which both call."""
        super().__init__(lifecycle)
        self._keys = keys
        self._place = place

    async def diff(self, request: DiffRequest) -> Difference:
        """As within, for a key that lives here; a read that left a key as it is has found no difference."""
        try:
            await self._make_sure(request.state, request.owner)
        except (ElsewhereError, UnconfirmedPlaceError):
            if request.refreshed and self._place.remembered:
                return Difference()
            raise
        return await super().diff(request)

    async def preview(self, inputs: Props, state: Props | None) -> Props:
        """As within, for a key that lives here."""
        self._insist(state or {})
        return await super().preview(inputs, state)

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:
        """As within; the state remembers the place."""
        return self._marked(await super().create(inputs, owner))

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """As within, for a key that lives here; what was found here is remembered as living here.

        A run that refreshes first does so with what the state remembers of the provider, before it hears of its
        endpoint of today. So that is no failure: the key is left as it is, and the rest of the run will tell.
        """
        try:
            await self._make_sure(state, owner)
        except (ElsewhereError, UnconfirmedPlaceError) as error:
            if not self._place.remembered:
                raise
            return Live(resource_id, state, inputs, (f"not refreshed: {error}",))
        found = await super().read(resource_id, inputs, state, owner)
        return self._marked(found) if isinstance(found, Live) else found

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """As within, for a key that lives here; the state remembers the place."""
        await self._make_sure(state, owner)
        return self._marked(await super().update(resource_id, state, inputs, owner))

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """As within, for a key that lives here."""
        await self._make_sure(state, owner)
        return await super().delete(resource_id, state, owner)

    def _insist(self, props: Props) -> KeyState:
        """Read a state; raise ElsewhereError if its keys live elsewhere. An empty state is one of no key yet."""
        state = KeyState.of(props)
        home = self._place.home(state)
        if props and home != self._place.endpoint and home not in self._place.former:
            raise ElsewhereError(_label(state), home, self._place.endpoint)
        return state

    async def _make_sure(self, props: Props, owner: Owner | None) -> None:
        """The same, and do not take the user's word alone that another address is the same place.

        Raises UnconfirmedPlaceError if no key of the state is listed here, dead or alive.
        """
        state = self._insist(props)
        if not state.project_id or self._place.home(state) == self._place.endpoint:
            return
        listing = await self._keys.list(state.project_id)
        if not any(find(listing, key_id) for key_id in state.key_ids):
            raise UnconfirmedPlaceError(
                _label(state), self._place.home(state), self._place.endpoint, owner.urn if owner else None
            )

    def _marked(self, live: Live) -> Live:
        """The resource with the place in its state, but if the server has no such key: that tells nothing."""
        if live.state.get("keyStatus") == KeyStatus.ABSENT.value:
            return live
        return replace(live, state={**live.state, ENDPOINT: self._place.endpoint})


def _label(state: KeyState) -> str:
    """The keys of a state in words, such as `API key "deploy" (0b9d…) of project 5f0c…`."""
    label = "API key" + (f' "{state.called}"' if state.called else "") + (f" ({state.key_id})" if state.key_id else "")
    if state.previous_key_id:
        label += f" with its previous key ({state.previous_key_id})"
    return f"{label} of project {state.project_id}"
