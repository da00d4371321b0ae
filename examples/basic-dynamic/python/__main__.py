"""The API keys of one project, as dynamic resources: one for deployments, which ends by itself, and one for reports."""

import pulumi

from pulumi_resource_apikeys.dynamic import APIKey

config = pulumi.Config()

deploy = APIKey(
    "deploy",
    name=f"deploy-{pulumi.get_stack()}",
    scopes=["builds:read", "builds:write"],
    expires_in=config.require("deployKeyLifetime"),
)

# Without a name, the key is named after the resource with a random suffix: unique, which makes a replace smooth.
reports = APIKey("reports", scopes=config.require_object("reportScopes"))

pulumi.export("deployKey", deploy.key)
pulumi.export("deployKeyId", deploy.key_id)
pulumi.export("deployKeyExpiresAt", deploy.expires_at)
pulumi.export("reportsKey", reports.key)
pulumi.export("reportsKeyId", reports.key_id)
pulumi.export("reportsKeyName", reports.name)
