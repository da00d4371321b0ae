"""An import that brings the key's secret along: kept if it begins as the server tells, else refused without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from fakes.keys import PROJECT, uuid
from pulumi_resource_apikeys.errors import InputError
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.resources.imported_secret import ImportedSecretLifecycle
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, DiffRequest, Live
from pulumi_resource_apikeys.settings import IMPORT_SECRET, variable_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakes.clock import FakeClock
    from fakes.keys import FakeKeys
    from pulumi_resource_apikeys.keys.run import Run

    Importing = Callable[[Mapping[str, str]], ImportedSecretLifecycle]

SECRET = "sk-0001-and-the-rest"
OWN = variable_of(uuid(1))


@pytest.fixture(params=list(RESOURCES))
def token(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def importing(token: str, run: Run, clock: FakeClock) -> Importing:
    """Makes the lifecycle, given secrets by their variables."""

    def make(secrets: Mapping[str, str]) -> ImportedSecretLifecycle:
        given = {name: SecretStr(value) for name, value in secrets.items()}
        return ImportedSecretLifecycle(RESOURCES[token](run.keys, clock, PROJECT, run), given)

    return make


async def imported(lifecycle: ImportedSecretLifecycle, key_id: str) -> Live:
    live = await lifecycle.read(f"{PROJECT}/{key_id}", {}, {})
    assert isinstance(live, Live)
    return live


def secret_of(live: Live) -> str | None:
    key = live.state.get("key")
    return key.get_secret_value() if isinstance(key, SecretStr) and key else None


@pytest.mark.parametrize(
    ("secrets", "prefix", "kept"),
    [
        ({IMPORT_SECRET: SECRET}, "sk-0001", SECRET),
        ({IMPORT_SECRET: SECRET}, "sk-0001...", SECRET),
        ({IMPORT_SECRET: SECRET}, "sk-0001…", SECRET),
        ({OWN: SECRET}, "sk-0001", SECRET),
        ({OWN: SECRET, IMPORT_SECRET: "of-another"}, "sk-0001", SECRET),
        ({variable_of(uuid(2)): "of-another"}, "sk-0001", None),
        ({}, "sk-0001", None),
    ],
)
async def test_the_secret_of_that_key_is_kept(
    importing: Importing, keys: FakeKeys, secrets: dict[str, str], prefix: str, kept: str | None
) -> None:
    key = keys.add("ci", key_prefix=prefix)
    live = await imported(importing(secrets), key.key_id)
    assert secret_of(live) == kept
    assert live.warnings == ()
    assert "key" not in live.inputs


@pytest.mark.parametrize("variable", [IMPORT_SECRET, OWN])
@pytest.mark.parametrize(
    "wrong", ["sk-0002-and-the-rest", "sk-0001", "sk-000", "the sk-0001-and-the-rest", "SK-0001-X"]
)
async def test_a_secret_that_is_not_of_that_key_is_refused_and_not_shown(
    importing: Importing, keys: FakeKeys, variable: str, wrong: str
) -> None:
    key = keys.add("ci")
    with pytest.raises(InputError) as caught:
        await imported(importing({variable: wrong}), key.key_id)
    words = str(caught.value)
    assert words.startswith(f'{variable}: is not the secret of API key "ci" ({key.key_id}) of project {PROJECT}')
    assert OWN in words
    assert wrong == "sk-0001" or wrong not in words.replace("sk-0001 and goes on", "")


async def test_one_that_can_not_be_checked_is_kept_with_a_warning(importing: Importing, keys: FakeKeys) -> None:
    key = keys.add("ci", key_prefix=None)
    live = await imported(importing({IMPORT_SECRET: SECRET}), key.key_id)
    assert secret_of(live) == SECRET
    (warning,) = live.warnings
    assert "could not be checked" in warning
    assert SECRET not in warning


async def test_a_refresh_has_nothing_to_do_with_it(importing: Importing, keys: FakeKeys) -> None:
    key = keys.add("ci")
    live = await imported(importing({}), key.key_id)
    later = await importing({IMPORT_SECRET: SECRET}).read(live.id, live.inputs, live.state)
    assert isinstance(later, Live)
    assert secret_of(later) is None


NEEDED: dict[str, dict[str, Any]] = {
    "apikeys:index:APIKey": {},
    "apikeys:index:RotatingAPIKey": {"rotateEvery": "90d", "overlap": "7d"},
}


async def test_the_first_run_after_it_has_nothing_to_say_and_nothing_to_do(
    token: str, importing: Importing, keys: FakeKeys
) -> None:
    key = keys.add("ci")
    lifecycle = importing({IMPORT_SECRET: SECRET})
    live = await imported(lifecycle, key.key_id)
    checked = lifecycle.check(CheckRequest("ci", NEEDED[token], live.inputs))
    difference = await lifecycle.diff(DiffRequest(live.id, live.state, live.inputs, checked.inputs))
    assert (difference.changes, difference.warnings, difference.notes) == ({}, (), ())
