"""What the state in this folder was made from, by version 0.1.0 as it was before names bore marks."""

import pulumi
import pulumi_apikeys as apikeys

from pulumi_resource_apikeys import dynamic

deploy = apikeys.APIKey("deploy", scopes=["builds:write"], expires_in="3650d", triggers={"v": 1})
ci = apikeys.APIKey("ci", name="ci", expires_at="2126-01-31T12:00:00Z")
billing = apikeys.RotatingAPIKey(
    "billing", rotate_every="30000d", overlap="20000d", triggers={"v": pulumi.Config("infra").require("version")}
)
metrics = apikeys.RotatingAPIKey("metrics", name=pulumi.Output.secret("metrics"), rotate_every="30000d", overlap="7d")
plain = dynamic.APIKey("plain", scopes=["a", "b"])
turning = dynamic.RotatingAPIKey("turning", rotate_every="30000d", overlap="7d")
pulumi.export("deployKey", deploy.key)
pulumi.export("billingKeys", [billing.key, billing.previous_key])
