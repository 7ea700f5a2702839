"""No text a caller can send is longer than its column, or holds what PostgreSQL cannot: on both databases, everywhere."""

import inspect
import io
import json
import re
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from lxml import html

from traceability.services.access import ROLES
from traceability.storage import tables
from traceability.storage.bounds import wrong_with
from traceability.web.fields import LONGEST, OTHERS

NUL, HALF = "a\x00b", "a\ud800b"
#: Schemas whose texts go into no column: they are read as something else, which bounds them itself.
READ_OTHERWISE = {
    ("Record", "body"), ("Record", "jws"), ("Decision", "findings"), ("Decision", "evidence"),
    ("Application", "roles"), ("NewApiKey", "scopes"), ("Match", "queries"),
}  # fmt: skip


@pytest.mark.parametrize("text", ["", "x", "ж" * 10, "😀" * 10])
def test_a_text_that_fits_is_let_through(text):
    assert wrong_with("field", text, 10) is None


# --- the API, as its published description says ---


@pytest.fixture
def described(app):
    spec = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return spec["paths"], spec["components"]["schemas"]


def strings(schema, schemas, path=()):
    """Yield (path, schema) of every text of a body."""
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if schema.get("type") in ("string", ["string", "null"]):
        yield path, schema
    for name, one in schema.get("properties", {}).items():
        yield from strings(one, schemas, (*path, name))
    if "items" in schema:
        yield from strings(schema["items"], schemas, (*path, 0))


def example(schema, schemas, changed=(), text=""):
    """Return a body as the schema asks for it, with one text replaced; ``changed`` is the path to that one."""
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if not changed and text:
        return text
    kind = schema.get("type")
    kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "object" or "properties" in schema:
        rest, named = changed[1:], changed[0] if changed else None
        wanted = set(schema.get("required", ())) | ({named} if named else set())
        return {
            name: example(
                schema["properties"][name], schemas, rest if name == named else (), text if name == named else ""
            )
            for name in wanted
        }
    if kind == "array":
        return [example(schema["items"], schemas, changed[1:], text)]
    if kind == "string":
        return "2026-11-25" if schema.get("format") == "date" else "x" * max(schema.get("minLength", 1), 20)
    return {"integer": 1, "number": 1, "boolean": True}[kind]


def bodies(described):
    paths, schemas = described
    for path, methods in paths.items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {})
        if "application/json" in content:
            yield re.sub(r"\{[^}]*\}", "x", path), content["application/json"]["schema"], schemas


def test_every_text_of_a_body_has_a_bound(described):
    free = {
        (schema["$ref"].rpartition("/")[2], path[0])
        for _, schema, schemas in bodies(described)
        for path, one in strings(schema, schemas)
        if "maxLength" not in one and "enum" not in one and one.get("format") != "date"
    }
    assert {name for name in free if name[0] != "Import"} == READ_OTHERWISE - {("Record", "body"), ("Record", "jws")}


class Sending:
    """Posts bodies in every role, each request from another address, so that no rate answers for a handler."""

    def __init__(self, client, keys):
        self._client, self._keys, self._number = client, keys, 0

    def every(self, path, body):
        """Yield the answer each role gets."""
        for headers in self._keys:
            self._number += 1
            source = {"REMOTE_ADDR": f"10.{self._number // 62500}.{self._number // 250 % 250}.{self._number % 250}"}
            data = json.dumps(body)
            answer = self._client.post(
                path, data=data, content_type="application/json", headers=headers, environ_base=source
            )
            assert answer.status_code < 500, (path, data[:300], answer.text)
            yield answer


def test_no_body_of_the_api_ends_in_an_error_of_ours(
    service, client, described, make_api_key, make_session, make_party
):
    party = make_party("Importer", roles=["importer"], country="NL")
    makes = [
        (make_api_key if role in ("supplier", "importer") else make_session)(
            None if role in ("admin", "regulator") else party, role=role
        ).headers
        for role in ROLES
    ]
    sending = Sending(client, makes)
    tried = 0
    for path, schema, schemas in bodies(described):
        for place, one in strings(schema, schemas):
            if "enum" in one or one.get("format") == "date":
                continue
            tried += 1
            limit = one.get("maxLength")
            for text in (NUL, HALF):
                for answer in sending.every(path, example(schema, schemas, place, text)):
                    assert answer.status_code >= 400, (path, place)
            if limit is None:
                list(sending.every(path, example(schema, schemas, place, "x" * 60_000)))
                continue
            list(sending.every(path, example(schema, schemas, place, "x" * limit)))
            for answer in sending.every(path, example(schema, schemas, place, "x" * (limit + 1))):
                told(answer, place, limit)
    assert tried > 40


def told(answer, place, limit):
    assert answer.status_code in (401, 403, 404, 422), answer.text
    if answer.status_code == 422:
        said = json.dumps(answer.json["errors"])
        assert str(next(one for one in reversed(place) if one != 0)) in said
        assert f"{limit} characters; got {limit + 1}" in said


@pytest.mark.parametrize("path", ["/epcis/capture", "/epcis/events", "/v1/shipments", "/v1/profile", "/v1/sites"])
def test_what_is_signed_is_refused_too(make_sender, path, counts):
    sender = make_sender("Importer", role="importer", roles=["importer"])
    before = counts()
    for bad in (b"\\u0000", b"\\ud800", b"\xed\xa0\x80"):
        answer = sender.post(b'{"shipment_id":"S-1","profile":{"name":"' + bad + b'"},"sites":[],"type":"x"}', path)
        assert answer.status_code == 400, answer.text
    assert counts() == before


@pytest.mark.parametrize("text", [NUL, "x" * 70_000], ids=["NUL", "long"])
def test_an_upload_with_such_texts_is_answered_in_words(service, client, make_sender, text, work):
    importer = make_sender("Importer", role="importer", roles=["importer"])
    for form in ({"batch": text}, {"shipment": text}, {"party": text}):
        answer = client.post(
            "/v1/documents", data={"file": (io.BytesIO(b"paper"), "a.txt"), **form}, headers=importer.headers
        )
        assert 400 <= answer.status_code < 500, answer.text
    named = {"file": (io.BytesIO(b"paper"), f"{text}.txt", text[:60_000])}
    assert client.post("/v1/documents", data=named, headers=importer.headers).status_code < 500
    late = (
        b"Letter. " * 600
        + b"During our visit we saw children aged 12 carrying \x00 ore. \x00 The audit confirmed child labour.\n"
    )
    made = client.post("/v1/documents", data={"file": (io.BytesIO(late), "b.txt")}, headers=importer.headers)
    assert made.status_code == 201
    work()
    assert client.get(f"/v1/documents/{made.json['id']}", headers=importer.headers).json["state"] == "read"


# --- the console ---

FIELD = re.compile(r"""form(?:\.get(?:list)?\(|\[)"([a-z_0-9-]+)\"""")


class Reader:
    """Somebody signed in to the console of whatever database the test runs on."""

    def __init__(self, app, user):
        self.client = app.test_client()
        self.token = self._token("/sign-in")
        done = self.send("/sign-in", name=user.row.name, password=user.password)
        assert done.status_code == 303, done.text
        self.token = self._token("/")

    def _token(self, address):
        page = html.fromstring(self.client.get(address, follow_redirects=True).get_data(as_text=True))
        return page.xpath("//input[@name='token']/@value")[0]

    def send(self, address, **fields):
        return self.client.post(address, data={"token": self.token, **fields})


def handlers(app):
    """Yield address and names of the fields of every form handler of the console."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("web.") and "POST" in rule.methods and rule.endpoint != "web.post_sign_out":
            view = inspect.unwrap(app.view_functions[rule.endpoint])
            names = {*FIELD.findall(Path(sys.modules[view.__module__].__file__).read_text()), "reason"} - {"token"}
            yield re.sub(r"<[^>]*>", "x", rule.rule), sorted(names)


def test_no_field_of_a_form_ends_in_an_error_of_ours(service, app, make_user, make_party):
    party = make_party("Importer", roles=["importer"], country="NL")
    people = [make_user(role, party=None if role in ("admin", "regulator") else party) for role in ROLES]
    readers = {user.row.role: Reader(app, user) for user in people}
    seen = 0
    for address, names in handlers(app):
        for name in names:
            limit = LONGEST.get(name, OTHERS)
            for role, reader in readers.items():
                for text in ("x" * limit, "x" * 400_000, NUL):
                    answer = reader.send(address, **{name: text})
                    assert answer.status_code < 500, (address, name, role, len(text))
                    if text == NUL:
                        assert answer.status_code == 422, (address, name, role)
                if role not in ("officer", "admin"):
                    break
            seen += 1
    assert seen > 60


def test_a_text_that_is_too_long_is_told_on_its_field_and_stays_typed(service, app, make_user, make_party):
    officer = Reader(app, make_user("officer", party=make_party("Importer", roles=["importer"])))
    typed = "why " * 600
    answer = officer.send("/holds", kind="all", target="t" * 501, reason=typed)
    assert answer.status_code == 422
    page = html.fromstring(answer.get_data(as_text=True))
    assert "at most 2000 characters; got 2400" in page.xpath("string(//p[@id='reason-error'])")
    assert "at most 500 characters; got 501" in page.xpath("string(//p[@id='target-error'])")
    assert page.xpath("string(//textarea[@name='reason'])").strip() == typed.strip()
    with service.store.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(tables.LegalHold)).scalar_one() == 0
    assert officer.send("/holds", kind="all", reason="w" * 2000).status_code == 303
