"""A service that calls the API with a key which rotates while the service runs."""

import os
from pathlib import Path
from typing import Any

import pulumi
import pulumi_apikeys as apikeys
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult


class _Writer(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        self._write(props)
        return CreateResult(props["path"], props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        self._write(_news)
        return UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        Path(_id).unlink(missing_ok=True)

    @staticmethod
    def _write(props: dict[str, Any]) -> None:
        lines = "".join(f"{name}={value}\n" for name, value in sorted(props["settings"].items()))
        new = Path(f"{props['path']}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(lines)
        new.replace(props["path"])  # at once, so that the service never reads half a file


class SettingsFile(Resource):
    """A file of NAME=value lines for its owner only: a stand-in for wherever your service reads its settings."""

    def __init__(self, name: str, path: str, settings: dict[str, pulumi.Input[str]]) -> None:
        """Declare the file."""
        super().__init__(_Writer(), name, {"path": path, "settings": settings})


config = pulumi.Config()

billing = apikeys.RotatingAPIKey(
    "billing",
    name=f"billing-{pulumi.get_stack()}",
    scopes=["invoices:read"],
    rotate_every="30d",
    overlap="7d",
    expires_after="44d",  # if nobody runs `pulumi up` any more, each key ends by itself
    # A service that has not read its settings again keeps working, and each run tells.
    retire=apikeys.Retire.WHEN_UNUSED,
    emergency_triggers={"incident": config.require("incident")},
)

# The service tries the first key, and the second one where the server refuses the first. `previous_key` is empty while
# there is none.
SettingsFile(
    "billing",
    path=config.require("settingsFile"),
    settings={"API_KEY": billing.key, "API_KEY_PREVIOUS": billing.previous_key},
)

pulumi.export("keyId", billing.key_id)
pulumi.export("nextRotationAt", billing.next_rotation_at)
pulumi.export("previousRevokesAt", billing.previous_revokes_at)
