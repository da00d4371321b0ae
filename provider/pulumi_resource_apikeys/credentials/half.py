"""Half a Clerk source: nothing to fetch a token with, and a message that names the other half."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.settings import environment_variable

if TYPE_CHECKING:
    from pulumi_resource_apikeys.settings import HalfOfClerk


class HalfSource:
    """Names what is missing."""

    renews = False
    changed = None
    makes = False

    def __init__(self, settings: HalfOfClerk) -> None:
        """Take the half that is there and the one that is not."""
        self._settings = settings

    @property
    def described(self) -> str:
        """The option that is set."""
        return self._settings.present

    async def fetch(self) -> NoReturn:
        """Raise CredentialError."""
        missing = self._settings.missing
        raise CredentialError(
            f"no token to call the API with: {self._settings.present} is set, {missing} is not. Set it in the"
            f" provider's configuration or by {environment_variable(missing)}; minting through Clerk needs both"
        )
