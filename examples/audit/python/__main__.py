"""The API keys of one project; the audit tells which keys of the project are not in here."""

import pulumi
import pulumi_apikeys as apikeys

reports = apikeys.APIKey("reports", scopes=["reports:read"], expires_in="365d", renew_before="30d")
deploy = apikeys.RotatingAPIKey(
    "deploy", scopes=["builds:write"], rotate_every="30d", overlap="2d", expires_after="60d"
)

pulumi.export("reportsKey", reports.key)
pulumi.export("deployKey", deploy.key)
