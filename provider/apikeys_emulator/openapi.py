"""The OpenAPI document of the API, made from its routes, and the JSON Schemas that `$schema` links to."""

from typing import Any, cast

from fastapi import APIRouter, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from apikeys_emulator import api
from apikeys_emulator.problems import ErrorModel, JSONAnswer, schema_link

REFERENCES = "#/components/schemas/"

router = APIRouter(prefix=api.PREFIX, include_in_schema=False)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    spec = get_openapi(
        title="API keys",
        version="1.0.0",
        description="The API keys of a project.",
        routes=api.router.routes,
    )
    schemas = cast("dict[str, Any]", spec["components"]["schemas"])
    model = ErrorModel.model_json_schema(ref_template=REFERENCES + "{model}", by_alias=True)
    schemas.update(model.pop("$defs"), ErrorModel=model)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return spec


def _with_links(node: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        return {name: _link(value) if name == "$ref" else _with_links(value) for name, value in node.items()}
    return [_with_links(each) for each in node] if isinstance(node, list) else node


def _link(reference: str) -> str:
    return schema_link(reference.removeprefix(REFERENCES))


def _cached_document(request: Request) -> dict[str, Any]:
    app_state = request.app.state
    if not hasattr(app_state, "openapi_document"):
        app_state.openapi_document = document()
    return cast("dict[str, Any]", app_state.openapi_document)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONAnswer(_cached_document(request))


@router.get("/schemas/{name}.json")
async def schema(request: Request, name: str) -> Response:
    """One JSON Schema of the document."""
    schemas = _cached_document(request)["components"]["schemas"]
    if name not in schemas:
        raise HTTPException(404, "schema not found")
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return JSONAnswer(dialect | _with_links(schemas[name]), media_type="application/schema+json")
