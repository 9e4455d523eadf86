from __future__ import annotations

import re

import pytest
import yaml
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from tests.dialects.routes import METHODS, document, route_of, served
from tests.dialects.table import ENDPOINTS, call, fill

GROUPS = {"Agents", "Sessions", "Messages", "Runs", "LlamaCloud", "Lyzr", "Agno", "OpenTelemetry"}
OTLP = "/v1/traces"
NEVER_UNKNOWN = {("get", "/v1/users/{user_id}/sessions"), ("post", "/v1/sessions/{session_id}")}
VENDORS = {"getSessionSummary", "getSessionsByAgent", "getChatSessionSummary", "get_session_by_id"}


def operations():
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method, path, operation


@pytest.fixture
def each_operation():
    return list(operations())


def test_it_is_valid():
    validate_schema(document())


def test_it_has_what_is_served_and_nothing_else():
    routes = {(method, "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)) for method, route in served()}
    documented = {(method, path) for method, path, _ in operations()}
    assert documented == {(method, path) for method, path in routes if not path.endswith("/")}


def test_every_operation_says_what_it_is(each_operation):
    ids = [operation["operationId"] for _, _, operation in each_operation]
    assert len(set(ids)) == len(ids)
    assert set(ids) >= VENDORS
    for _, _, operation in each_operation:
        assert operation["summary"]
        assert set(operation["tags"]) <= GROUPS
        assert len(operation["tags"]) == 1


def test_every_operation_names_its_keys(each_operation):
    schemes = document()["components"]["securitySchemes"]
    assert schemes["ApiKeyAuth"]["name"] == "x-api-key"
    for _, _, operation in each_operation:
        assert operation["security"]
        assert {name for each in operation["security"] for name in each} <= schemes.keys()


def test_every_operation_has_its_error_answers(each_operation):
    for method, path, operation in each_operation:
        answers = operation["responses"].keys()
        assert "401" in answers
        assert ("400" if path == OTLP else "422") in answers
        if "{" in path and (method, path) not in NEVER_UNKNOWN:
            assert "404" in answers
        if method != "get":
            assert "403" in answers
        if "requestBody" in operation:
            assert {"400"} <= answers


def test_a_body_is_described_as_json_where_one_is_taken():
    taken = {(each.method, route_of(each)) for each in ENDPOINTS if each.body is not None}
    described = {
        (method, path): operation["requestBody"]
        for method, path, operation in operations()
        if "requestBody" in operation
    }
    assert described.keys() == taken
    binary = described.pop(("post", OTLP))
    assert list(binary["content"]) == ["application/json", "application/x-protobuf"]
    assert all(list(body["content"]) == ["application/json"] for body in described.values())


def test_every_answer_is_described(each_operation):
    for _, path, operation in each_operation:
        for status, answer in operation["responses"].items():
            assert answer["description"], (path, status)


def test_every_parameter_is_described(each_operation):
    for _, path, operation in each_operation:
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (path, parameter["name"])


def validator(schema):
    """For a schema of the document; ``nullable`` is OpenAPI 3.0's word for a type that may be null."""
    return Draft202012Validator({**_readable(schema), "components": _readable(document()["components"])})


def _readable(schema):
    if isinstance(schema, list):
        return [_readable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    readable = {key: _readable(value) for key, value in schema.items() if key not in {"nullable", "readOnly"}}
    return {"anyOf": [readable, {"type": "null"}]} if schema.get("nullable") is True else readable


def contents():
    for method, path, operation in operations():
        answers = {status: answer.get("content", {}) for status, answer in operation["responses"].items()}
        for where, content in {"body": operation.get("requestBody", {}).get("content", {}), **answers}.items():
            for media in content.values():
                yield f"{method} {path} {where}", media


def test_examples_fit_their_schemas():
    found = 0
    for where, media in contents():
        for name, example in media.get("examples", {}).items():
            errors = list(validator(media["schema"]).iter_errors(example["value"]))
            assert not errors, (where, name, errors[0].message)
            found += 1
    assert found >= 10


def test_answers_fit_their_schemas(client, project):
    fill(project)
    reads = [each for each in ENDPOINTS if each.method == "get" and "markdown" not in each.query]
    for endpoint in reads:
        path = route_of(endpoint)
        schema = document()["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        errors = list(validator(schema).iter_errors(call(client, endpoint).json()))
        assert not errors, (str(endpoint), errors[0].message)


def test_writes_answer_as_their_schemas_say(client, project):
    fill(project)
    for endpoint in (each for each in ENDPOINTS if each.method in {"post", "patch"}):
        path = route_of(endpoint)
        response = call(client, endpoint)
        answers = document()["paths"][path][endpoint.method]["responses"]
        if response["Content-Type"] == "text/event-stream":
            continue  # Its events are looked at in the dialect's own tests.
        schema = answers[str(response.status_code)]["content"]["application/json"]["schema"]
        errors = list(validator(schema).iter_errors(response.json()))
        assert not errors, (str(endpoint), errors[0].message)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (("get", "/api/sessions/unknown"), "404"),
        (("get", "/api/sessions?sort=x"), "422"),
        (("post", "/api/sessions"), "201"),
    ],
)
def test_problems_fit_their_schemas(client, request_, status):
    method, url = request_
    response = getattr(client, method)(url)
    path = "/api/sessions/{session_id}" if "unknown" in url else "/api/sessions"
    schema = document()["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    assert str(response.status_code) == status
    assert not list(validator(schema).iter_errors(response.json()))


@pytest.mark.parametrize("url", ["/schema", "/schema/"])
def test_it_comes_as_yaml_too(client, url):
    response = client.get(url)
    assert response.status_code == 200
    assert yaml.safe_load(response.content)["paths"].keys() == document()["paths"].keys()


@pytest.mark.parametrize("url", ["/docs", "/docs/", "/docs?script="])
def test_the_page_needs_no_other_server(client, url):
    response = client.get(url)
    assert response.status_code == 200
    page = response.content.decode()
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page)


def test_it_needs_no_key(anonymous, db):
    for url in ("/schema", "/docs"):
        assert anonymous.get(url).status_code == 200
        assert anonymous.get(url, HTTP_AUTHORIZATION="Bearer wrong").status_code == 200


def test_nothing_of_the_host_is_in_it():
    assert not any(path.startswith(("/admin", "/schema", "/docs")) for path in document()["paths"])
