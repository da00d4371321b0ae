"""The OpenAPI document against the API's description: the same calls, statuses, fields and words."""

from typing import Any

import httpx
import pytest

from apikeys_emulator.testing import Emulator

KEYS = "/api/v1/projects/{projectId}/keys"
KEY = KEYS + "/{keyId}"
SHOWN_FIELDS = {
    "created_at",
    "created_by",
    "is_active",
    "key_id",
    "key_prefix",
    "name",
    "project_id",
    "scopes",
    "tenant_id",
}
ERROR_STATUSES = {"401", "403", "404", "422", "429", "500", "503"}


@pytest.fixture(scope="session")
def document(shared_emulator: Emulator) -> dict[str, Any]:
    answer = httpx.get(f"{shared_emulator.url}/api/v1/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")


def test_has_the_three_calls_and_no_other(document: dict[str, Any]) -> None:
    calls = {(method, path) for path, item in document["paths"].items() for method in item}
    assert calls == {("get", KEYS), ("post", KEYS), ("delete", KEY)}


@pytest.mark.parametrize(
    ("method", "path", "successes", "errors"),
    [
        ("get", KEYS, {"200"}, ERROR_STATUSES),
        ("post", KEYS, {"200", "201"}, ERROR_STATUSES | {"400", "415"}),
        ("delete", KEY, {"200", "204"}, ERROR_STATUSES),
    ],
)
def test_names_every_status_and_its_content(
    document: dict[str, Any], method: str, path: str, successes: set[str], errors: set[str]
) -> None:
    responses = document["paths"][path][method]["responses"]
    assert set(responses) == successes | errors
    for status in errors:
        problem = responses[status]["content"]
        assert problem == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ErrorModel"}}}
    for status in successes - {"204"}:
        assert set(responses[status]["content"]) == {"application/json"}


@pytest.mark.parametrize(("method", "path"), [("get", KEYS), ("post", KEYS), ("delete", KEY)])
def test_every_call_takes_uuids_and_a_bearer_token(document: dict[str, Any], method: str, path: str) -> None:
    operation = document["paths"][path][method]
    parameters = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert set(parameters) == ({"projectId", "keyId"} if path == KEY else {"projectId"})
    assert all(parameter["in"] == "path" and parameter["required"] for parameter in parameters.values())
    assert all(parameter["schema"]["format"] == "uuid" for parameter in parameters.values())
    assert operation["security"] == [{"bearerClerk": []}]
    scheme = document["components"]["securitySchemes"]["bearerClerk"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


@pytest.mark.parametrize(
    ("name", "required", "optional"),
    [
        ("APIKey", SHOWN_FIELDS, {"expires_at", "is_admin_managed", "last_used_at"}),
        ("CreateAPIKeyOutputBody", SHOWN_FIELDS | {"key"}, {"$schema", "expires_at"}),
        ("RevokeAPIKeyOutputBody", {"success"}, {"$schema"}),
        ("CreateAPIKeyInputBody", {"name"}, {"scopes", "expires_at"}),
        ("ErrorModel", set(), {"$schema", "type", "title", "status", "detail", "instance", "errors"}),
        ("ErrorDetail", set(), {"location", "message", "value"}),
    ],
)
def test_has_exactly_the_fields_of_the_api(
    document: dict[str, Any], name: str, required: set[str], optional: set[str]
) -> None:
    schema = document["components"]["schemas"][name]
    assert set(schema.get("required", [])) == required
    assert set(schema["properties"]) == required | optional
    assert schema["additionalProperties"] is False


def test_has_no_schema_that_is_not_the_apis(document: dict[str, Any]) -> None:
    assert set(document["components"]["schemas"]) == {
        "APIKey",
        "CreateAPIKeyInputBody",
        "CreateAPIKeyOutputBody",
        "ErrorDetail",
        "ErrorModel",
        "RevokeAPIKeyOutputBody",
    }


@pytest.mark.parametrize("name", ["ErrorModel", "CreateAPIKeyOutputBody", "RevokeAPIKeyOutputBody"])
def test_schema_links_lead_to_schemas(emulator: Emulator, document: dict[str, Any], name: str) -> None:
    answer = httpx.get(f"{emulator.url}/api/v1/schemas/{name}.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    assert set(answer.json()["properties"]) == set(document["components"]["schemas"][name]["properties"])
    assert "#/components" not in answer.text


def test_an_unknown_schema_is_not_found(emulator: Emulator) -> None:
    assert httpx.get(f"{emulator.url}/api/v1/schemas/Nothing.json").status_code == 404
