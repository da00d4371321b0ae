"""What the API lists: asked with the provider's own settings, credentials and client."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.errors import Problem, SettingsError
from pulumi_resource_apikeys.model.fields import canonical_uuid
from pulumi_resource_apikeys.settings import Settings, canonical, read
from pulumi_resource_apikeys.wiring import build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pulumi_resource_apikeys.keys.port import RemoteKey

MISSING_ENDPOINT = Problem("--endpoint", "is required: the address of the API. Or set APIKEYS_ENDPOINT")
MISSING_PROJECT = Problem("--project", "is required: the UUID of the project. Or set APIKEYS_PROJECT_ID")


def settings_in_force(endpoint: str | None) -> Settings:
    """The provider's settings by its environment variables, and by that address. Raises SettingsError."""
    settings, problems = read({"endpoint": endpoint} if endpoint else {}, os.environ)
    if problems:
        raise SettingsError(problems)
    return settings


def projects_in_force(settings: Settings, named: Sequence[str]) -> tuple[str, ...]:
    """The projects that were named, each once, else the provider's own. Raises SettingsError where there is none."""
    chosen = named or ([settings.project_id] if settings.project_id else [])
    if not chosen:
        raise SettingsError([MISSING_PROJECT])
    try:
        return tuple(dict.fromkeys(map(canonical_uuid, chosen)))
    except ValueError as error:
        raise SettingsError([Problem("--project", str(error))]) from None


def addresses(settings: Settings) -> frozenset[str]:
    """All addresses of the API that is asked, in the form of `settings.canonical`."""
    return frozenset(map(canonical, filter(None, [settings.endpoint, *settings.former_endpoints])))


def listings(
    settings: Settings, projects: Sequence[str], tell: Callable[[str], None]
) -> Mapping[str, Sequence[RemoteKey]]:
    """The keys of projects. `tell` is given a line about each that is about to be asked for.

    Raises SettingsError, or whatever `Keys.list` does.
    """
    if settings.endpoint is None and not settings.offline:
        raise SettingsError([MISSING_ENDPOINT])
    return asyncio.run(_listings(settings, projects, tell))


async def _listings(
    settings: Settings, projects: Sequence[str], tell: Callable[[str], None]
) -> Mapping[str, Sequence[RemoteKey]]:
    services = build(settings, SystemClock(), tell)
    try:
        found = {}
        for project in projects:
            tell(f"listing the keys of project {project}")
            found[project] = await services.run.keys.list(project)
        return found
    finally:
        await services.aclose()
