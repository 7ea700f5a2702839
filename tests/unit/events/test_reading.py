from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.events.model import CRM_IRI, Endpoint, ErrorDeclaration, Quantity, Transaction
from traceability.events.reading import parse_time, read_events
from traceability.events.units import to_kilograms
from traceability.events.vocabulary import bare_word

BAG = "https://id.mine.example/bag/"


def test_every_field_finds_its_place(whole_chain) -> None:
    birth, packing, association, sale, blending, assay = read_events(whole_chain)
    assert birth.event_id == "urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-000000000001"
    assert (birth.type, birth.action, birth.biz_step, birth.disposition) == (
        "ObjectEvent",
        "ADD",
        "commissioning",
        "active",
    )
    assert birth.event_time == datetime(2026, 2, 1, 7, tzinfo=UTC)
    assert birth.event_time.utcoffset() == timedelta(hours=2)
    assert (birth.event_time_text, birth.event_time_zone) == ("2026-02-01T09:00:00+02:00", "+02:00")
    assert (birth.record_time, birth.record_time_text) == (None, None)
    assert (birth.read_point, birth.biz_location) == ("geo:-1.5,28.8", "https://id.mine.example/site/1")
    assert birth.quantities == (Quantity("https://id.mine.example/lot/1", Decimal(1250), "KGM"),)
    assert birth.destinations == (Endpoint("owning_party", "did:web:mine.example"),)
    assert birth.certification_info == ("https://id.regulator.example/permit/1",)
    assert birth.raw is whole_chain["epcisBody"]["eventList"][0]
    assert packing.event_id is None
    assert (packing.parent_id, packing.child_epcs, packing.epcs) == (f"{BAG}1", (f"{BAG}2",), (f"{BAG}2",))
    assert packing.child_quantities == packing.quantities
    assert packing.quantities[0].kilograms == 50
    assert packing.extensions == {"crm:sealNumber": "S-1"}
    assert association.quantities == ()
    assert sale.transactions == (
        Transaction("po", "https://id.trader.example/po/9"),
        Transaction(None, "https://id.trader.example/x/1"),
    )
    assert sale.sources == (Endpoint("owning_party", "did:web:mine.example"),)
    assert (blending.inputs[0].kilograms, blending.outputs[0].kilograms) == (1250, Decimal("1240.5"))
    assert (blending.input_epcs, blending.output_epcs) == ((f"{BAG}7",), (f"{BAG}8",))
    assert blending.transformation_id == "urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-0000000000aa"
    assert blending.record_time == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert (blending.persistent_set, blending.persistent_unset) == (("conformant",), ("recalled",))
    assert assay.sensor_elements[0]["sensorReport"][0]["value"] == 62.1
    assert assay.error_declaration == ErrorDeclaration(
        datetime(2026, 3, 9, 10, tzinfo=UTC), "incorrect_data", ("urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-000000000008",)
    )


def test_query_documents_and_single_events_are_read(event, query_document) -> None:
    assert len(read_events(query_document(event("birth"), event("sale")))) == 2
    (one,) = read_events(event("birth") | {"@context": {"m": CRM_IRI}})
    assert one.crm_prefixes == {"crm", "m"}


def test_our_terms_are_found_under_any_prefix(event, document) -> None:
    context = ["https://a.example/c", {"m": {"@id": CRM_IRI}, "other": "https://other.example/", "n": 5}]
    made = event(
        "birth",
        ilmd={"m:mineral": "gold", "other:hsCode": "1"},
        **{"m:sealNumber": "S-2", f"{CRM_IRI}cnCode": "26090000"},
    )
    (one,) = read_events(document(made, **{"@context": context}))
    assert one.crm("mineral") == "gold"
    assert one.crm("sealNumber") == "S-2"
    assert one.crm("cnCode") == "26090000"
    assert one.crm("hsCode") is None
    assert one.is_crm_type("m:customsDeclaration", "customsDeclaration")
    assert one.is_crm_type(f"{CRM_IRI}customsDeclaration", "customsDeclaration")
    assert not one.is_crm_type("other:customsDeclaration", "customsDeclaration")
    assert not one.is_crm_type(None, "customsDeclaration")


def test_ilmd_comes_before_the_event(event, document) -> None:
    (one,) = read_events(document(event("birth", ilmd={"crm:gradePercent": 60}, **{"crm:gradePercent": 10})))
    assert one.crm("gradePercent") == 60


def test_an_event_of_a_foreign_type_is_read_without_trusting_its_fields(event, document) -> None:
    odd = event("birth", type="crm:Other", quantityList=5, ilmd="x", readPoint=[], errorDeclaration=None)
    (one,) = read_events(document(odd))
    assert one.quantities == ()
    assert one.read_point is None
    assert one.extensions["quantityList"] == 5


def test_quantities_of_every_number_type_become_decimals(event, document) -> None:
    numbers = [{"epcClass": "a:b", "quantity": one} for one in (5, 0.1, Decimal("1250.10"))] + [{"epcClass": "a:b"}]
    (one,) = read_events(document(event("birth", quantityList=numbers)))
    assert [str(quantity.quantity) for quantity in one.quantities] == ["5", "0.1", "1250.10", "None"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("https://ref.gs1.org/cbv/BizStep-shipping", "shipping"),
        ("cbv:BizStep-shipping", "shipping"),
        ("http://ref.gs1.org/cbv/Disp-in_transit", "in_transit"),
        ("cbv:BTT-bol", "bol"),
        ("cbv:SDT-owning_party", "owning_party"),
        ("cbv:BizStep-unknown_step", "cbv:BizStep-unknown_step"),
        ("shipping", "shipping"),
        ("crm:extracting", "crm:extracting"),
    ],
)
def test_a_second_spelling_is_the_same_word(event, document, text, word) -> None:
    assert bare_word(text) == word
    (one,) = read_events(document(event("birth", bizStep=text)))
    assert one.biz_step == word


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-02-01t09:00:00z", datetime(2026, 2, 1, 9, tzinfo=UTC)),
        ("2026-02-01T09:00:00.123456789+14:00", datetime(2026, 2, 1, 9, 0, 0, 123456, timezone(timedelta(hours=14)))),
        (
            "2026-02-01T09:00:00.5-23:59",
            datetime(2026, 2, 1, 9, 0, 0, 500000, timezone(-timedelta(hours=23, minutes=59))),
        ),
    ],
)
def test_times_of_every_spelling(text, moment) -> None:
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    ("quantity", "unit", "kilograms"),
    [
        ("1250.10", "KGM", "1250.10"), ("1", "TNE", "1000"), ("1", "GRM", "0.001"), ("2", "LBR", "0.90718474"),
        ("1", "P1", None), ("1", None, None), ("1", "", None), (None, "KGM", None), ("NaN", "KGM", None),
    ],
)  # fmt: skip
def test_kilograms(quantity, unit, kilograms) -> None:
    found = to_kilograms(None if quantity is None else Decimal(quantity), unit)
    assert found == (None if kilograms is None else Decimal(kilograms))
    assert Quantity("a:b", None if quantity is None else Decimal(quantity), unit).kilograms == found


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**12, places=30))
def test_kilograms_are_exact(number: Decimal) -> None:
    pounds = to_kilograms(number, "LBR")
    assert pounds is not None
    assert pounds.as_integer_ratio()[0] * number.as_integer_ratio()[1] * 10**8 == (
        number.as_integer_ratio()[0] * 45359237 * pounds.as_integer_ratio()[1]
    )
