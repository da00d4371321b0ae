"""The filters as users write them, shared by `getAPIKeys` and by lists of resources; `keys.filtering` applies them.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from datetime import datetime

from pydantic import Field

from pulumi_resource_apikeys.keys.filtering import KeyFilter
from pulumi_resource_apikeys.model.fields import Args, Duration, ProjectId, Scope
from pulumi_resource_apikeys.model.times import later, parse_duration


class Filters(Args):
    """Which keys of a project; every filter that is given must fit."""

    project_id: ProjectId | None = Field(
        None, description="UUID of the project whose keys are meant. Default: the provider's `projectId`."
    )
    active: bool | None = Field(
        None,
        description="True: only keys that may be used. False: only those that were revoked or have expired.",
    )
    name_prefix: str | None = Field(None, description="How the keys' names begin, in upper and lower case as written.")
    scope: Scope | None = Field(None, description="A scope that the keys must have, whatever others they have.")
    unused_for: Duration | None = Field(
        None,
        description=(
            "Only keys not used for that long: `90d`, `12h`, `1w`, or ISO 8601. One that was never used counts from"
            " its making; one of which the server does not say when it was used does not fit."
        ),
    )
    expiring_within: Duration | None = Field(
        None, description="Only active keys that expire within that time: `7d`, `12h`, `1w`, or ISO 8601."
    )
    admin_managed: bool | None = Field(
        None, description="True: only keys that administrators manage. False: only those that they do not."
    )


def key_filter(wanted: Filters, at: datetime) -> KeyFilter:
    """The filters with their durations counted from that time."""
    return KeyFilter(
        active=wanted.active,
        name_prefix=wanted.name_prefix or "",
        scopes=frozenset() if wanted.scope is None else frozenset({wanted.scope}),
        unused_since=None if wanted.unused_for is None else later(at, -parse_duration(wanted.unused_for)),
        expiring_before=None if wanted.expiring_within is None else later(at, parse_duration(wanted.expiring_within)),
        admin_managed=wanted.admin_managed,
    )
