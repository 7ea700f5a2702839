"""The schema's verdict on single departures, with the place and the words a person gets."""

from typing import Any

import pytest

from traceability.events.checks import MAX_PROBLEMS
from traceability.events.validation import document_problems


def found(body: Any) -> dict[str, str]:
    return {problem.path: problem.message for problem in document_problems(body)}


def test_a_valid_document_has_no_problem(whole_chain) -> None:
    assert found(whole_chain) == {}


def test_a_query_document_and_a_single_event_are_read_too(event, query_document) -> None:
    assert found(query_document(event("birth"))) == {}
    assert found(event("birth") | {"@context": "https://a.example/context"}) == {}
    assert found(event("birth")) == {"$.@context": "is required and absent"}


@pytest.mark.parametrize("body", [None, [], "x", 5, True, [{}]])
def test_what_is_no_object_is_no_document(body: Any) -> None:
    assert "expected an EPCIS document" in found(body)["$"]


@pytest.mark.parametrize("body", [{}, {"type": 5}, {"type": "Batch"}, {"type": None}, {"type": ["EPCISDocument"]}])
def test_objects_of_no_known_type_are_refused(body: Any) -> None:
    assert "$.type" in found(body)


FIELD = "$.epcisBody.eventList[0]"


@pytest.mark.parametrize(
    ("name", "changes", "path", "said"),
    [
        ("birth", {"eventTime": "2026-02-01T09:00:00"}, ".eventTime", "with its zone"),
        ("birth", {"eventTime": None}, ".eventTime", "required"),
        ("birth", {"eventTimeZoneOffset": "02:00"}, ".eventTimeZoneOffset", "+02:00"),
        ("birth", {"action": "SHIPPED"}, ".action", "OBSERVE, ADD or DELETE, got 'SHIPPED'"),
        ("birth", {"bizStep": "extracting"}, ".bizStep", "CBV 2.0 business step"),
        ("birth", {"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}, ".bizStep", "bare word"),
        ("birth", {"bizStep": ["shipping"]}, ".bizStep", "got a list of 1"),
        ("birth", {"disposition": {}}, ".disposition", "got an object"),
        ("birth", {"disposition": None, "colour": True}, ".colour", "no field of EPCIS 2.0 here"),
        ("birth", {"epcList": ["a:b", "a:b"]}, ".epcList", "no entry twice"),
        ("birth", {"epcList": ["bag"]}, ".epcList[0]", "expected a URI, got 'bag'"),
        ("birth", {"epcList": "a:b"}, ".epcList", "expected a list"),
        ("birth", {"quantityList": [{"quantity": 1}]}, ".quantityList[0].epcClass", "required"),
        ("birth", {"quantityList": [{"epcClass": "a:b", "quantity": True}]}, ".quantityList[0].quantity", "got true"),
        ("birth", {"disposition": 1}, ".disposition", "got 1"),
        ("birth", {"disposition": 0}, ".disposition", "got 0"),
        ("birth", {"disposition": False}, ".disposition", "got false"),
        ("birth", {"disposition": []}, ".disposition", "got a list of 0"),
        ("birth", {"quantityList": [{"epcClass": "a:b", "uom": "kg"}]}, ".quantityList[0].uom", "such as KGM"),
        ("birth", {"quantityList": [{"epcClass": "a:b", "weight": 1}]}, ".quantityList[0].weight", "remove it"),
        ("birth", {"quantityList": ["x"]}, ".quantityList[0]", "expected an object"),
        ("birth", {"quantityList": None}, "", "needs an epcList"),
        ("birth", {"quantityList": []}, "", "needs an epcList"),
        ("birth", {"action": "DELETE"}, "", "ilmd with an action other than ADD"),
        ("birth", {"ilmd": {"mineral": "gold"}}, ".ilmd.mineral", "prefix:name"),
        ("birth", {"readPoint": {}}, ".readPoint.id", "required"),
        ("birth", {"certificationInfo": ["x"]}, ".certificationInfo", "a URI or a list of URIs"),
        ("birth", {"destinationList": [{"type": "buyer", "destination": "a:b"}]}, ".destinationList[0].type", "source or"),
        ("birth", {"@context": [{}, {}]}, ".@context", "without repetition"),
        ("birth", {"type": "crm:Event", "eventTime": 5}, ".eventTime", "got 5"),
        ("packing", {"childEPCs": None, "childQuantityList": []}, "", "unless the action is DELETE"),
        ("packing", {"persistentDisposition": {"set": ["active"]}}, ".persistentDisposition", "no field"),
        ("association", {"parentID": None}, ".parentID", "required"),
        ("association", {"action": "ADD"}, "", "needs childEPCs"),
        ("sale", {"bizTransactionList": []}, ".bizTransactionList", "at least 1 entry"),
        ("sale", {"quantityList": None}, "", "unless the action is DELETE"),
        ("sale", {"bizTransactionList": [{"type": "order", "bizTransaction": "a:b"}]}, ".bizTransactionList[0].type", "tran"),
        ("blending", {"inputQuantityList": None, "inputEPCList": None, "transformationID": None}, "", "inputs and outputs"),
        ("blending", {"persistentDisposition": {}}, ".persistentDisposition", "set, unset, or both"),
        ("blending", {"persistentDisposition": {"set": []}}, ".persistentDisposition.set", "at least 1"),
        ("assay", {"sensorElementList": [{}]}, ".sensorElementList[0].sensorReport", "required"),
        ("assay", {"sensorElementList": [{"sensorReport": [{"type": "Gold"}]}]}, ".sensorElementList[0].sensorReport[0].type", "meas"),
        ("assay", {"sensorElementList": [{"sensorReport": [{"type": "https://gs1.org/voc/Mass"}]}]}, ".sensorElementList[0].sensorReport[0].type", "meas"),
        ("assay", {"errorDeclaration": {"reason": "no"}}, ".errorDeclaration.declarationTime", "required"),
    ],
)  # fmt: skip
def test_each_departure_is_named_with_its_place(event, document, name, changes, path, said) -> None:
    problems = found(document(event(name, **changes)))
    assert said in problems[FIELD + path]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("birth", {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"}),
        ("birth", {"bizStep": "crm:extracting"}),
        ("birth", {"quantityList": None, "epcList": []}),
        ("birth", {"quantityList": None, "sensorElementList": [{"sensorReport": [{"type": "crm:Grade"}]}]}),
        ("birth", {"readPoint": {"id": "a:b", "anything": 1}}),
        ("birth", {"@context": [{"a": 1}, {"a": True}]}),
        ("birth", {"type": "crm:Assessment", "whatever": 1}),
        ("sale", {"action": "DELETE", "quantityList": None}),
        ("blending", {"inputQuantityList": None, "inputEPCList": None}),
        ("blending", {"transformationID": None}),
    ],
)
def test_the_borders_are_inside(event, document, name, changes) -> None:
    assert found(document(event(name, **changes))) == {}


def test_the_envelope_is_checked(event, document) -> None:
    one = event("birth")
    assert "$.schemaVersion" in found(document(one, schemaVersion="two"))
    assert "$.creationDate" in found(document(one, creationDate="today"))
    assert "$.note" in found(document(one, note="x"))
    assert found(document(one, **{"crm:note": "x"})) == {}
    assert "$.epcisBody.eventList" in found(document(one, epcisBody={}))
    assert "$.epcisBody.eventList" in found(document(one, epcisBody={"eventList": one}))


def test_master_data_is_checked(event, document) -> None:
    def header(attribute: Any) -> dict[str, Any]:
        element = {"id": "a:b", "attributes": [attribute], "children": ["a:c"]}
        vocabulary = {"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": [element]}
        return {"epcisMasterData": {"vocabularyList": [vocabulary]}}

    one = event("birth")
    assert found(document(one, epcisHeader=header({"id": "a:d", "attribute": "x"}))) == {}
    assert len(found(document(one, epcisHeader=header({"attribute": [1]})))) == 2
    assert "$.epcisHeader.note" in found(document(one, epcisHeader={"note": 1}))


def test_a_flood_of_problems_is_cut_off(event, document) -> None:
    flood = document(event("birth", epcList=["x"] * 100_000), **{f"n{number}": 1 for number in range(1000)})
    assert len(document_problems(flood)) == MAX_PROBLEMS
    assert document_problems(flood)[-1].path == "$"
    assert len(document_problems(document(*["x"] * 5000))) == MAX_PROBLEMS
    assert len(document_problems(event("birth", **{f"n{number}": 1 for number in range(1000)}))) == MAX_PROBLEMS


def test_messages_are_short_whatever_was_sent(event, document) -> None:
    problems = document_problems(document(event("birth", disposition="x" * 60_000, **{"y" * 60_000: 1})))
    assert len(problems) == 2
    assert all(len(problem.path) + len(problem.message) < 400 for problem in problems)
