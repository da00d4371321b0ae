"""The one place that builds things: from settings and a clock to the lifecycles with a client behind them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .api.late import LateKeys
from .api.refusing import RefusingKeys
from .clock import Deadline
from .engine_command import changes_all, command_lines
from .errors import OfflineError, SettingsError
from .functions.catalogue import FUNCTIONS
from .interruption import InterruptibleClock
from .keys.run import run_of
from .keys.undelivered import undo
from .model.values import UNKNOWN, Value
from .on_demand import OnDemand
from .resources.catalogue import RESOURCES
from .resources.deleted_projects import DeletedProjectsKeys, MissingProjectLifecycle
from .resources.imported_secret import ImportedSecretLifecycle
from .resources.offline import NOTHING_TO_TELL, NOTICE, OfflineLifecycle
from .resources.place import PlacedLifecycle, place_of
from .settings import MISSING_ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .api.client import ApiClient
    from .clock import Clock
    from .errors import Subject
    from .functions.function import Function
    from .functions.listing import ResourceList
    from .journal import Journal
    from .keys.port import Keys
    from .keys.run import Run
    from .model.values import Props
    from .resources.lifecycle import Lifecycle
    from .settings import Settings


@dataclass(frozen=True)
class Services:
    """A configured provider: its lifecycles by type token, and what all resources of the run share."""

    lifecycles: Mapping[str, Lifecycle]
    run: Run
    client: LateKeys | None
    clock: InterruptibleClock
    notices: list[str] = field(default_factory=list)
    """What the user must know of the whole run, and has not been told: the first read tells, or whoever empties it."""

    make: Callable[[str, Run], Lifecycle] | None = None
    """Makes a lifecycle for a run of its own, by its type token."""

    asked: Run | None = None
    """What functions and lists ask, if that is not the run."""
    project: Value = None
    """The provider's `projectId`, `UNKNOWN` if it isn't known yet."""

    def lifecycle(self, token: str, timeout: float = 0.0) -> Lifecycle:
        """The lifecycle of a type, for an operation whose calls may take that many seconds together (0 for no limit).

        Raises KeyError for a type that there is not.
        """
        unlimited = self.lifecycles[token]
        if timeout <= 0 or self.make is None:
            return unlimited
        return self.make(token, self.run.within(Deadline.of_operation(self.clock, timeout)))

    def function(self, token: str) -> Function:
        """The function of that token. Raises KeyError if there is none."""
        return FUNCTIONS[token](self.asked or self.run, self.project)

    def resource_list(self) -> ResourceList:
        """What lists the keys that could be resources."""
        from .functions.listing import ResourceList  # noqa: PLC0415 - no command of a stack asks for it

        return ResourceList(self.asked or self.run, self.project)

    def interrupt(self) -> None:
        """Make no key any more, and let nobody wait for a retry: the run was cancelled."""
        self.clock.interrupt()

    def delivered(self, made: Props) -> None:
        """Take note that the engine was handed that state."""
        self.run.journal.deliver(str(made.get("keyId")))

    def engine_ended_well(self) -> list[str]:
        """Take note that the engine has recorded all that it was handed; returns what the user must know at the end."""
        self.run.journal.engine_has_all()
        watch = self.run.watch
        return [*watch.left_behind(), *watch.strays(lambda: changes_all(command_lines()))]

    async def undo(self, made: Props, before: Props) -> None:
        """Revoke the key of a state that could not be delivered; `before` is the state the engine has."""
        await undo(self.run, made, before)

    async def aclose(self) -> None:
        """Close the client's connections and the journal."""
        if self.client is not None:
            await self.client.aclose()
        self.run.journal.end()


def build(
    settings: Settings, system_clock: Clock, report: Callable[[str], None], journal: Journal | None = None
) -> Services:
    """Build the provider. `report` shows the user a line, such as a token command's standard error.

    `journal` is where creates are written down; without one they are not.
    """
    clock = InterruptibleClock(system_clock)
    client: LateKeys | None = None
    keys: Keys
    if settings.offline:
        keys = RefusingKeys(lambda subject: OfflineError(f"could not {subject}: the provider is offline"))
    elif settings.endpoint is None:
        keys = RefusingKeys(lambda _subject: SettingsError([MISSING_ENDPOINT]))
    else:
        client = LateKeys(functools.partial(_client, settings, settings.endpoint, clock, report))
        keys = DeletedProjectsKeys(client, settings.deleted_projects) if settings.deleted_projects else client
    project: Value = UNKNOWN if "projectId" in settings.unknown else settings.project_id
    run = run_of(
        keys,
        clock,
        journal=journal,
        endpoint=settings.endpoint or "",
        detect_revoked=settings.detect_revoked and client is not None,
        retries=settings.max_retries,
    )
    notices = [NOTICE] if settings.offline else []

    def lifecycle(token: str, run: Run) -> Lifecycle:
        online: Lifecycle = RESOURCES[token](run.keys, clock, project, run)
        if settings.import_secrets:
            online = ImportedSecretLifecycle(online, settings.import_secrets)
        if settings.offline:
            return OfflineLifecycle(online, notices)
        return online if settings.endpoint is None else placed(online, run.keys, settings, settings.endpoint)

    lifecycles = OnDemand({token: functools.partial(lifecycle, token, run) for token in RESOURCES})
    asked = run_of(RefusingKeys(_offline_look), clock) if settings.offline else run
    return Services(lifecycles, run, client, clock, notices, lifecycle, asked, project)


def _offline_look(subject: Subject) -> OfflineError:
    return OfflineError(f"could not {subject}: {NOTHING_TO_TELL}")


def _client(settings: Settings, endpoint: str, clock: InterruptibleClock, report: Callable[[str], None]) -> ApiClient:
    preload()
    from .api.client import ApiClient  # noqa: PLC0415 - takes a while, so not before it is needed
    from .credentials.interruptible import InterruptibleTokens  # noqa: PLC0415 - the same
    from .credentials.tokens import Tokens  # noqa: PLC0415 - the same

    tokens = InterruptibleTokens(Tokens(settings.sources, clock, report), clock)
    return ApiClient(settings, endpoint, tokens, clock)


def preload() -> None:
    """Import what the first call of the API needs, in a thread or whenever there is time."""
    from .api import client  # noqa: F401, PLC0415 - imported for `_client` to find it
    from .credentials import tokens  # noqa: F401, PLC0415 - the same


def placed(lifecycle: Lifecycle, keys: Keys, settings: Settings, endpoint: str) -> Lifecycle:
    """A lifecycle that acts on no key of another endpoint, and whose errors help with projects that are not found."""
    return PlacedLifecycle(MissingProjectLifecycle(lifecycle, keys), keys, place_of(settings, endpoint))
