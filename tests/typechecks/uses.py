"""What programs may write, with the SDK and with the dynamic classes: mypy accepts every line. It is never run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_apikeys as apikeys
from typing_extensions import assert_type

from pulumi_resource_apikeys import dynamic

later = pulumi.Output.from_input("later")
lists = pulumi.Output.from_input(["read"])
options = pulumi.ResourceOptions(protect=True, ignore_changes=["scopes"])


async def soon() -> str:
    return "90d"


# The SDK.

provider = apikeys.Provider("other", endpoint="https://api.example.com", token=later, token_command=["token", later])
sdk_key = apikeys.APIKey("deploy", expires_in="90d", scopes=["read", later], triggers={"build": 1, "by": {"a": later}})
apikeys.APIKey("deploy")
apikeys.APIKey("deploy", options, name=later, expires_in=soon(), scopes=lists)
apikeys.APIKey("deploy", expires_at=None, opts=pulumi.ResourceOptions(provider=provider))
apikeys.APIKey("deploy", apikeys.APIKeyArgs(project_id=later, rotate_after="30d"), options)
apikeys.APIKey("deploy", args=apikeys.APIKeyArgs(renew_before=None), opts=None)
sdk_service = apikeys.RotatingAPIKey("service", rotate_every="30d", overlap=later, retire="whenUnused")
apikeys.RotatingAPIKey("service", apikeys.RotatingAPIKeyArgs(rotate_every=soon(), overlap="7d"))

assert_type(sdk_key.key, pulumi.Output[str])
assert_type(sdk_key.key_id, pulumi.Output[str])
assert_type(sdk_key.scopes, pulumi.Output[Sequence[str] | None])
assert_type(sdk_key.triggers, pulumi.Output[Mapping[str, Any] | None])
assert_type(sdk_key.is_admin_managed, pulumi.Output[bool | None])
assert_type(sdk_key.id, pulumi.Output[str])
assert_type(sdk_service.key, pulumi.Output[str])
assert_type(sdk_service.generation, pulumi.Output[int])
assert_type(sdk_service.previous_revokes_at, pulumi.Output[str])
assert_type(apikeys.APIKey.get("found", "project/key"), apikeys.APIKey)
apikeys.RotatingAPIKey("service", rotate_every="30d", overlap="7d", retire=apikeys.Retire.WHEN_UNUSED)

found = apikeys.get_api_key(name="deploy", opts=pulumi.InvokeOptions(provider=provider))
assert_type(found.key_id, str)
assert_type(found.last_used_at, str | None)
assert_type(apikeys.get_api_key_output(key_id=sdk_key.key_id), pulumi.Output[apikeys.GetAPIKeyResult])
assert_type(apikeys.get_api_keys(active=True, unused_for="90d", scope="read").keys, Sequence[apikeys.outputs.KeyInfo])
assert_type(apikeys.get_api_keys_output(name_prefix=later), pulumi.Output[apikeys.GetAPIKeysResult])

found = apikeys.get_api_key(key_id="project/key")
later_found = apikeys.get_api_key_output(name=later, project_id=sdk_key.project_id)
unused = apikeys.get_api_keys(unused_for="90d", active=True)
later_unused = apikeys.get_api_keys_output(name_prefix=later, opts=pulumi.InvokeOutputOptions(provider=provider))

assert_type(found.name, str)
assert_type(later_found.apply(lambda key: key.name), pulumi.Output[str])
assert_type([key.last_used_at for key in unused.keys], list[str | None])
apikeys.APIKey(
    "deploy", scopes=later_found.scopes, triggers={"made": later_unused.apply(lambda listed: len(listed.keys))}
)

# The dynamic classes.

key = dynamic.APIKey("deploy", expires_in="90d", scopes=["read", later], triggers={"build": 1, "by": {"a": later}})
dynamic.APIKey("deploy")
dynamic.APIKey("deploy", options, name=later, expires_in=soon(), scopes=lists)
dynamic.APIKey("deploy", expires_at=None, opts=pulumi.ResourceOptions(depends_on=[key]))
dynamic.APIKey("deploy", dynamic.APIKeyArgs(project_id=later, rotate_after="30d"), options)
dynamic.APIKey("deploy", args=dynamic.APIKeyArgs(renew_before=None), opts=None)
service = dynamic.RotatingAPIKey("service", rotate_every="30d", overlap=later, retire="whenUnused")
dynamic.RotatingAPIKey("service", dynamic.RotatingAPIKeyArgs(rotate_every=soon(), overlap="7d"))

assert_type(key.key, pulumi.Output[str])
assert_type(key.key_id, pulumi.Output[str])
assert_type(key.scopes, pulumi.Output[Sequence[str] | None])
assert_type(key.triggers, pulumi.Output[Mapping[str, Any] | None])
assert_type(key.is_admin_managed, pulumi.Output[bool | None])
assert_type(key.id, pulumi.Output[str])
assert_type(service.key, pulumi.Output[str])
assert_type(service.generation, pulumi.Output[int])
assert_type(service.previous_revokes_at, pulumi.Output[str])
assert_type(dynamic.APIKey.get("found", "project/key"), dynamic.APIKey)
pulumi.export("prefix", key.key_prefix.apply(lambda prefix: prefix or "none"))
