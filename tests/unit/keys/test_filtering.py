"""Which keys of a list fit a filter: surely, perhaps, or not."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fakes.keys import PROJECT, uuid
from pulumi_resource_apikeys.keys.filtering import KeyFilter, matching, undecided
from pulumi_resource_apikeys.keys.port import Listing, RemoteKey

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
MONTH_AGO = NOW - timedelta(days=30)
IN_A_WEEK = NOW + timedelta(days=7)


def key(number: int = 1, **fields: Any) -> RemoteKey:
    return RemoteKey(**{"key_id": uuid(number), "project_id": PROJECT, "name": "deploy", **fields})


FITS, FITS_NOT, UNKNOWN = "fits", "fits not", "unknown"

CASES: list[tuple[KeyFilter, dict[str, Any], str]] = [
    (KeyFilter(), {}, FITS),
    (KeyFilter(), {"is_active": False}, FITS),
    (KeyFilter(active=True), {}, FITS),
    (KeyFilter(active=True), {"expires_at": "2026-11-24T12:00:01Z"}, FITS),
    (KeyFilter(active=True), {"expires_at": "2026-11-24T12:00:00Z"}, FITS_NOT),
    (KeyFilter(active=True), {"is_active": False}, FITS_NOT),
    (KeyFilter(active=False), {}, FITS_NOT),
    (KeyFilter(active=False), {"expires_at": "2026-11-24T12:00:00Z"}, FITS),
    (KeyFilter(active=False), {"is_active": False}, FITS),
    (KeyFilter(name_prefix="dep"), {}, FITS),
    (KeyFilter(name_prefix="deploy"), {}, FITS),
    (KeyFilter(name_prefix="Dep"), {}, FITS_NOT),
    (KeyFilter(name_prefix="ploy"), {}, FITS_NOT),
    (KeyFilter(name_prefix="deploy-"), {}, FITS_NOT),
    (KeyFilter(scopes=frozenset({"read"})), {"scopes": ("write", "read")}, FITS),
    (KeyFilter(scopes=frozenset({"read", "write"})), {"scopes": ("write", "read")}, FITS),
    (KeyFilter(scopes=frozenset({"read", "write"})), {"scopes": ("read",)}, FITS_NOT),
    (KeyFilter(scopes=frozenset({"read"})), {"scopes": ("read:all",)}, FITS_NOT),
    (KeyFilter(scopes=frozenset({"read"})), {}, FITS_NOT),
    (KeyFilter(unused_since=MONTH_AGO), {"last_used_at": "2026-10-25T11:59:59Z"}, FITS),
    (KeyFilter(unused_since=MONTH_AGO), {"last_used_at": "2026-10-25T12:00:00Z"}, FITS_NOT),
    (KeyFilter(unused_since=MONTH_AGO), {"last_used_at": "2026-11-24T11:00:00Z"}, FITS_NOT),
    (KeyFilter(unused_since=MONTH_AGO), {"never_used": True, "created_at": "2026-01-01T00:00:00Z"}, FITS),
    (KeyFilter(unused_since=MONTH_AGO), {"never_used": True, "created_at": "2026-11-01T00:00:00Z"}, FITS_NOT),
    (KeyFilter(unused_since=MONTH_AGO), {"never_used": True}, UNKNOWN),
    (KeyFilter(unused_since=MONTH_AGO), {"created_at": "2020-01-01T00:00:00Z"}, UNKNOWN),
    (KeyFilter(unused_since=MONTH_AGO), {"last_used_at": "2026-10-01T00:00:00Z", "is_active": False}, FITS),
    (KeyFilter(expiring_before=IN_A_WEEK), {"expires_at": "2026-12-01T11:59:59Z"}, FITS),
    (KeyFilter(expiring_before=IN_A_WEEK), {"expires_at": "2026-12-01T12:00:00Z"}, FITS_NOT),
    (KeyFilter(expiring_before=IN_A_WEEK), {"expires_at": "2026-11-24T12:00:00Z"}, FITS_NOT),
    (KeyFilter(expiring_before=IN_A_WEEK), {"expires_at": "2026-11-25T12:00:00Z", "is_active": False}, FITS_NOT),
    (KeyFilter(expiring_before=IN_A_WEEK), {}, FITS_NOT),
    (KeyFilter(admin_managed=True), {"is_admin_managed": True}, FITS),
    (KeyFilter(admin_managed=True), {"is_admin_managed": False}, FITS_NOT),
    (KeyFilter(admin_managed=False), {"is_admin_managed": True}, FITS_NOT),
    (KeyFilter(admin_managed=False), {"is_admin_managed": False}, FITS),
    (KeyFilter(admin_managed=True), {}, UNKNOWN),
    (KeyFilter(admin_managed=False), {}, UNKNOWN),
    (KeyFilter(active=True, name_prefix="dep"), {"is_active": False}, FITS_NOT),
    (KeyFilter(name_prefix="x", unused_since=MONTH_AGO), {}, FITS_NOT),
    (KeyFilter(active=False, admin_managed=True), {}, FITS_NOT),
    (KeyFilter(active=True, admin_managed=True, unused_since=MONTH_AGO), {"is_admin_managed": True}, UNKNOWN),
]


@pytest.mark.parametrize(("wanted", "fields", "expected"), CASES)
def test_a_key_fits_or_not_or_the_server_did_not_say(wanted: KeyFilter, fields: dict[str, Any], expected: str) -> None:
    listing = [key(**fields)]
    said = (bool(matching(listing, wanted, NOW)), bool(undecided(listing, wanted, NOW)))
    assert said == {FITS: (True, False), FITS_NOT: (False, False), UNKNOWN: (False, True)}[expected]


@pytest.mark.parametrize("listing", [[], [key(3), key(1), key(2)], [key(2), key(2, is_active=False)]])
def test_the_order_and_all_entries_of_the_list_stay(listing: Sequence[RemoteKey]) -> None:
    assert matching(listing, KeyFilter(), NOW) == tuple(listing)


@pytest.mark.parametrize("wanted", [KeyFilter(active=True), KeyFilter(expiring_before=IN_A_WEEK)])
@pytest.mark.parametrize(("servers", "ours", "fits"), [(0, 2, True), (2, 0, False), (None, 0, True), (None, 2, False)])
def test_expiry_counts_by_the_servers_time_if_it_told_one(
    wanted: KeyFilter, servers: int | None, ours: int, fits: bool
) -> None:
    listing = Listing([key(expires_at="2026-11-24T13:00:00Z")])
    listing.served_at = None if servers is None else NOW + timedelta(hours=servers)
    assert bool(matching(listing, wanted, NOW + timedelta(hours=ours))) is fits
