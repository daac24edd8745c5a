"""/openapi.json, made from the same tables that the server is made from."""

import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from deploy.settings import Settings
from deploy.web import problems
from schemas.http import Route

_COMPONENT = "#/components/schemas/{name}"


class Problem(msgspec.Struct, frozen=True, kw_only=True, rename={"kind": "type"}):
    """RFC 9457. `errors` names the wrong fields, where there are any."""

    kind: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[dict[str, str]] | None = None


def document(routes: Sequence[Route], settings: Settings) -> dict[str, Any]:
    """OpenAPI 3.1 for the API routes; pages are not listed."""
    listed = [route for route in routes if not route.page]
    types = [
        Problem,
        *{kind for each in listed for kind in (each.body, each.query, each.returns) if kind is not None},
    ]
    _, components = msgspec.json.schema_components(types, ref_template=_COMPONENT)
    paths: dict[str, Any] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Huiyin 回音", "version": version("huiyin")},
        "servers": [{"url": settings.base_url}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route, components)],
        "responses": {str(route.status): _success(route), "default": _refusal(route)},
    }
    if route.body is not None:
        forms = ("application/x-www-form-urlencoded", "multipart/form-data")
        operation["requestBody"] = {
            "required": True,
            "content": {
                kind: {"schema": _ref(route.body)}
                for kind in (forms if route.key_field else ("application/json",))
            },
        }
    if route.who:
        operation["security"] = [{"token": []}]
        operation["description"] = "Roles: " + ", ".join(sorted(route.who))
    return operation


def _operation_id(route: Route) -> str:
    return f"{route.method.lower()}_{re.sub(r'[^a-z0-9]+', '_', route.path.lower()).strip('_')}"


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(route: Route, components: dict[str, Any]) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = components[route.query.__name__]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _success(route: Route) -> dict[str, Any]:
    if route.returns is None:
        return {"description": "Done."}
    return {"description": "Done.", "content": {"application/json": {"schema": _ref(route.returns)}}}


def _refusal(route: Route) -> dict[str, Any]:
    if route.refusing is not None:
        return {"description": "Refused: a list of code and description, in the format that was asked for."}
    return {"description": "Refused.", "content": {problems.CONTENT_TYPE: {"schema": _ref(Problem)}}}


def _ref(kind: type) -> dict[str, str]:
    return {"$ref": _COMPONENT.format(name=kind.__name__)}
