"""What the event hash forgets and what it keeps (epcis.md 6); the published values are in tests/conformance."""

from decimal import Decimal

import pytest

from traceability.events.equality import comparable, is_correction_of, same_content
from traceability.events.event_hash import document_hashes, event_hash, pre_hash

CONTEXT = {"crm": "https://ref.example.org/crm/"}


def test_the_form_is_a_named_information_uri(event) -> None:
    text = event_hash(event("birth"), CONTEXT)
    assert text.startswith("ni:///sha-256;")
    assert text.endswith("?ver=CBV2.0")
    assert len(text) == len("ni:///sha-256;?ver=CBV2.0") + 64


SAME = [
    {"eventID": "urn:uuid:other"},
    {"recordTime": "2026-02-02T00:00:00Z"},
    {"errorDeclaration": {"declarationTime": "2026-03-09T10:00:00Z"}},
    {"eventTime": "2026-02-01T07:00:00Z"},
    {"eventTime": "2026-02-01T07:00:00.0004Z"},
    {"bizStep": "cbv:BizStep-commissioning"},
    {"bizStep": "urn:epcglobal:cbv:bizstep:commissioning"},
    {"quantityList": [{"uom": "KGM", "quantity": Decimal("1250.00"), "epcClass": "https://id.mine.example/lot/1"}]},
    {"quantityList": [{"uom": "KGM", "quantity": 1250.0, "epcClass": "https://id.mine.example/lot/1"}]},
    {"ilmd": {"crm:gradePercent": "62", "https://ref.example.org/crm/mineral": None, "crm:mineral": "cassiterite"}},
    {"epcList": []},
    {"sensorElementList": []},
    {"certificationInfo": ["https://id.regulator.example/permit/1"]},
    {"@context": {"crm": "https://ref.example.org/crm/"}},
]


@pytest.mark.parametrize("changes", SAME[:9] + SAME[10:])
def test_other_spellings_hash_alike(event, changes) -> None:
    assert event_hash(event("birth", **changes), CONTEXT) == event_hash(event("birth"), CONTEXT)


@pytest.mark.parametrize(
    "changes",
    [
        {"eventTime": "2026-02-01T09:00:01+02:00"},
        {"eventTime": "2026-02-01T07:00:00.0005Z"},
        {"eventTimeZoneOffset": "+01:00"},
        {"action": "OBSERVE"},
        {"certificationInfo": "https://id.regulator.example/permit/2"},
        {"quantityList": [{"epcClass": "https://id.mine.example/lot/1", "quantity": 1251, "uom": "KGM"}]},
        {"quantityList": [{"epcClass": "https://other.example/lot/1", "quantity": 1250, "uom": "KGM"}]},
        {"ilmd": {"crm:mineral": "gold", "crm:gradePercent": 62}},
        {"crm:note": "x"},
        {"destinationList": [{"type": "possessing_party", "destination": "did:web:mine.example"}]},
        {"persistentDisposition": {"set": ["active"]}},
    ],
)
def test_other_content_hashes_otherwise(event, changes) -> None:
    assert event_hash(event("birth", **changes), CONTEXT) != event_hash(event("birth"), CONTEXT)


def test_a_key_is_one_as_urn_and_as_link(event) -> None:
    urn = event("birth", epcList=["urn:epc:id:sgtin:4012345.011111.9876"])
    link = event("birth", epcList=["http://shop.example/gtin/04012345111118/ser/9876?x=1"])
    assert event_hash(urn) == event_hash(link)


def test_the_order_of_lists_and_keys_does_not_count(event) -> None:
    one = event("sale")
    other = dict(reversed(list(event("sale").items())))
    other["bizTransactionList"] = other["bizTransactionList"][::-1]
    assert event_hash(one) == event_hash(other)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (200, "=200"), (Decimal("200.0"), "=200"), ("0200.50", "=200.5"), ("-0.0", "=0"), (Decimal("1E-7"), "=0.0000001"),
        ("1e3", "=1000"), (True, "=true"), (None, ""), ("", ""), ("  x ", "=x"), ("crm:y", "=https://ref.example.org/crm/y"),
        ("crm://y", "=crm://y"), ([2, 1], "=1{https://ref.example.org/crm/}x=2"), ({"crm:b": 1, "a": 2}, "a=2{https://ref.example.org/crm/}b=1"),
        (".5", "=0.5"), ("2026-02-01", "=2026-02-01"),
    ],
)  # fmt: skip
def test_how_extension_values_are_written(event, value, text) -> None:
    written = pre_hash(event("association") | {"crm:x": value, "crm:y": 1}, CONTEXT)
    assert written.endswith("action=DELETE{https://ref.example.org/crm/}x" + text + "{https://ref.example.org/crm/}y=1")


def test_a_prefix_nobody_binds_stays(event) -> None:
    assert pre_hash(event("association", **{"no:x": "no:y"}), [None, "https://a.example", 5]).endswith("no:x=no:y")


def test_times_at_the_end_of_the_calendar_do_not_break_it(event) -> None:
    for text in ("9999-12-31T23:59:59.9999Z", "0001-01-01T00:00:00+02:00"):
        assert f"eventTime={text}" in pre_hash(event("birth", eventTime=text))
    assert "eventTime=0999-01-01T00:00:00.001Z" in pre_hash(event("birth", eventTime="0999-01-01T00:00:00.0006Z"))


def test_a_repository_may_name_fields_of_its_own(event, document, query_document) -> None:
    plain = event_hash(event("birth"), CONTEXT)
    marked = event("birth", **{"crm:mine": 1})
    assert document_hashes(document(marked, **{"crm:ignoreFields": ["crm:mine", 5]}))[0][1] == plain
    body = query_document(marked)
    body["epcisBody"]["queryResults"]["crm:ignoreFields"] = ["crm:mine"]
    assert document_hashes(body) == ((marked["eventID"], plain),)
    assert document_hashes(document(marked, **{"crm:ignoreFields": "crm:mine"}))[0][1] != plain
    assert document_hashes(marked | {"@context": CONTEXT})[0][1] == event_hash(marked, CONTEXT)


def test_equality_is_by_parsed_value(event) -> None:
    assert same_content({"a": 1, "b": [Decimal("2.0")]}, {"b": [2], "a": 1.0})
    assert not same_content({"a": True}, {"a": 1})
    assert not same_content([1, 2], [2, 1])
    assert hash(comparable({"a": [{"b": None}]})) == hash(comparable({"a": [{"b": None}]}))
    declared = event("birth", errorDeclaration={"declarationTime": "2026-03-09T10:00:00Z"})
    assert is_correction_of(declared, event("birth"))
    assert not is_correction_of(event("birth"), event("birth"))
    assert not is_correction_of(declared | {"action": "OBSERVE"}, event("birth"))
