"""The API keys of one project. Which keys there are is reviewed like any code."""

import pulumi
import pulumi_apikeys as apikeys

reports = apikeys.APIKey("reports", scopes=["reports:read"])

# Rotated by the scheduled job: a new key every 30 days, the one before alive for two days more.
deploy = apikeys.RotatingAPIKey("deploy", scopes=["builds:read", "builds:write"], rotate_every="30d", overlap="2d")

pulumi.export("reportsKey", reports.key)
pulumi.export("deployKey", deploy.key)
pulumi.export("deployNextRotationAt", deploy.next_rotation_at)
