"""Fails while the project holds an active API key that is older than it may be, whoever made it."""

from datetime import datetime, timedelta, timezone

import pulumi
import pulumi_apikeys as apikeys

oldest = timedelta(days=pulumi.Config().require_int("oldestDays"))
now = datetime.now(timezone.utc)


def age(key: apikeys.outputs.KeyInfo) -> timedelta:
    """How old a key is. One of which the server does not say when it was made counts as too old."""
    if key.created_at is None:
        return timedelta.max
    return now - datetime.fromisoformat(key.created_at[:19] + "+00:00")


active = apikeys.get_api_keys(active=True).keys
too_old = [key for key in active if age(key) > oldest]
for key in too_old:
    used = key.last_used_at or "never, or the server does not say"
    pulumi.log.error(f'API key "{key.name}" ({key.key_id}) was made {key.created_at}; last used: {used}')
if too_old:
    raise pulumi.RunError(f"active keys of the project that are older than {oldest.days} days: {len(too_old)}")

pulumi.export("activeKeys", len(active))
