"""What the baselines answer: the values of a key, as long as those of a real one."""

from __future__ import annotations

PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
RESOURCE_ID = f"{PROJECT}/00000000-0000-4000-8000-000000000001"
MADE_BY_SERVER: dict[str, str | bool] = {
    "keyId": "00000000-0000-4000-8000-000000000001",
    "keyPrefix": "ak_000001",
    "createdAt": "2026-11-24T10:31:39.288356666Z",
    "createdBy": "user_2abcdefghijklmnopqrstuvwxyz",
    "tenantId": "5f0c1f7e-98a1-4d4e-8a36-0e5d6a6f3c11",
    "isAdminManaged": False,
}
SECRET = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "value": "ak_00000000-0000-4000-8000-000000000001_0123456789abcdef0123456789abcdef",
}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
