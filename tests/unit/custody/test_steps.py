"""Each EPCIS event has one type in the facts, and its kilograms one place to go (facts.md 4)."""

from decimal import Decimal

import pytest

from traceability.custody.model import Recorded
from traceability.custody.steps import MAX_KG, facts_type, kilograms, merged, step_of
from traceability.events.model import CRM_IRI, Endpoint, Quantity, Transaction

CUSTOMS = (Transaction("crm:customsDeclaration", "urn:x-mrn:26NL1"),)
POSSESSION = (Endpoint("possessing_party", "did:web:a.example"),)

OBJECT_EVENTS = [
    ("ADD", "commissioning", {}, "extraction", "observed"),
    ("ADD", "commissioning", {"ilmd": {"crm:materialOrigin": "primary"}}, "extraction", "observed"),
    ("ADD", "commissioning", {"ilmd": {"crm:materialOrigin": "by_product"}}, "separation", "produced"),
    ("ADD", "commissioning", {"ilmd": {"crm:materialOrigin": "recycled"}}, "recycling", "produced"),
    ("ADD", "commissioning", {"ilmd": {"crm:materialOrigin": "stock"}}, "other", "produced"),
    ("ADD", "commissioning", {"ilmd": {"crm:materialOrigin": 7}}, "extraction", "observed"),
    ("ADD", "collecting", {}, "recycling", "produced"),
    ("ADD", "receiving", {}, "other", "produced"),
    ("ADD", None, {}, "other", "produced"),
    ("OBSERVE", "shipping", {}, "dispatch", "observed"),
    ("OBSERVE", "shipping", {"transactions": CUSTOMS}, "export", "observed"),
    ("OBSERVE", "departing", {"sources": POSSESSION}, "dispatch", "observed"),
    ("OBSERVE", "departing", {"destinations": POSSESSION}, "dispatch", "observed"),
    ("OBSERVE", "departing", {}, "transport", "observed"),
    ("OBSERVE", "departing", {"transactions": CUSTOMS}, "export", "observed"),
    ("OBSERVE", "void_shipping", {}, "receipt", "observed"),
    ("OBSERVE", "transporting", {}, "transport", "observed"),
    ("OBSERVE", "storing", {}, "transport", "observed"),
    ("OBSERVE", "loading", {}, "transport", "observed"),
    ("OBSERVE", "unloading", {}, "transport", "observed"),
    ("OBSERVE", "arriving", {}, "transport", "observed"),
    ("OBSERVE", "arriving", {"transactions": CUSTOMS}, "import", "observed"),
    ("OBSERVE", "receiving", {}, "receipt", "observed"),
    ("OBSERVE", "receiving", {"transactions": CUSTOMS}, "receipt", "observed"),
    ("OBSERVE", "accepting", {}, "transfer", "observed"),
    ("OBSERVE", "accepting", {"transactions": CUSTOMS}, "import", "observed"),
    ("OBSERVE", "inspecting", {}, "assay", "observed"),
    ("OBSERVE", "stock_taking", {}, "weighing", "observed"),
    ("OBSERVE", "cycle_counting", {}, "weighing", "observed"),
    ("OBSERVE", "holding", {}, "other", "observed"),
    ("OBSERVE", "sampling", {}, "other", "observed"),
    ("OBSERVE", None, {}, "other", "observed"),
    ("DELETE", "sampling", {}, "other", "consumed"),
    ("DELETE", "destroying", {}, "other", "consumed"),
    ("DELETE", "shipping", {}, "other", "consumed"),
    ("DELETE", None, {}, "other", "consumed"),
]


def _lists(step):
    return {name for name in ("observed", "consumed", "produced", "packed") if getattr(step, name)}


@pytest.mark.parametrize(("action", "biz_step", "fields", "kind", "where"), OBJECT_EVENTS)
def test_an_object_event_has_one_type_and_one_list(kit, action, biz_step, fields, kind, where):
    event = kit.Story().add("ObjectEvent", action, biz_step, quantities=kit.kgm({"A": 5}), **fields)
    step = step_of(kit.recorded([event])[0])
    assert (step.type, _lists(step)) == (kind, {where})


@pytest.mark.parametrize(
    ("action", "biz_step", "transactions", "kind"),
    [
        ("ADD", "accepting", (), "transfer"),
        ("ADD", "accepting", CUSTOMS, "import"),
        ("OBSERVE", "accepting", (), "other"),
        ("DELETE", "accepting", (), "other"),
        ("ADD", "receiving", (), "other"),
    ],
)
def test_a_transaction_event_transfers_or_imports(kit, action, biz_step, transactions, kind):
    event = kit.Story().add(
        "TransactionEvent", action, biz_step, quantities=kit.kgm({"A": 5}), transactions=transactions
    )
    step = step_of(kit.recorded([event])[0])
    assert (step.type, _lists(step)) == (kind, {"observed"})


@pytest.mark.parametrize(
    ("process", "kind"),
    [
        ("smelting", "smelting"),
        ("refining", "refining"),
        ("alloying", "refining"),
        ("crushing", "processing"),
        ("concentrating", "processing"),
        ("recycling", "recycling"),
        ("blending", "consolidation"),
        (None, "consolidation"),
        ("something else", "consolidation"),
    ],
)
def test_a_transformation_is_read_by_its_process(kit, process, kind):
    step = step_of(kit.recorded([kit.Story().make({"A": 5}, {"B": 5}, process)])[0])
    assert (step.type, _lists(step)) == (kind, {"consumed", "produced"})
    assert step.creates == {kit.lot("B")}


@pytest.mark.parametrize("action", ["ADD", "DELETE", "OBSERVE"])
def test_packing_moves_no_kilograms(kit, action):
    step = step_of(kit.recorded([kit.Story().pack("1", {"A": 5}, action=action)])[0])
    assert (step.type, _lists(step), step.creates) == ("other", {"packed"}, frozenset())


def test_an_association_is_no_entry_of_the_facts(kit):
    event = kit.Story().add("AssociationEvent", "ADD", None, parent_id=kit.bag("1"))
    assert facts_type(event) is None
    assert step_of(kit.recorded([event])[0]) is None


def test_a_customs_declaration_is_known_under_any_prefix(kit):
    transactions = (Transaction(f"{CRM_IRI}customsDeclaration", "urn:x-mrn:26NL1"),)
    assert facts_type(kit.Story().observe("arriving", {"A": 5})) == "transport"
    event = kit.Story().add("ObjectEvent", "OBSERVE", "arriving", transactions=transactions)
    assert facts_type(event) == "import"


def test_product_classes_and_serials_are_no_batches(kit):
    quantities = (
        Quantity("urn:epc:idpat:sgtin:4012345.012345.*", Decimal(5), "KGM"),
        Quantity("urn:epc:class:lgtin:4012345.012345.998877", Decimal(6), "KGM"),
    )
    event = kit.Story().add("ObjectEvent", "OBSERVE", "shipping", quantities=quantities)
    [line] = step_of(kit.recorded([event])[0]).observed
    assert line.kg == 6


def test_two_spellings_of_one_key_are_one_batch(kit):
    urn = Quantity("urn:epc:class:lgtin:4012345.012345.998877", Decimal(6), "KGM")
    link = Quantity("https://example.org/01/04012345123456/10/998877", Decimal(6), "KGM")
    step = step_of(Recorded(kit.Story().add("ObjectEvent", "ADD", None, quantities=(urn, link)), 0, kit.START))
    assert len(step.batches) == 1


@pytest.mark.parametrize(
    ("quantity", "unit", "kg"),
    [
        ("1250.0", "KGM", "1250"),
        ("1500", "GRM", "1.5"),
        ("2", "TNE", "2000"),
        ("1", "LBR", "0.453592"),
        ("0.0000005", "KGM", "0"),
        ("0.0000015", "KGM", "0.000002"),
        ("5", "LTR", None),
        ("5", None, None),
        (None, "KGM", None),
        ("1e15", "KGM", None),
        ("1e200", "TNE", None),
        ("-1", "KGM", None),
    ],
)
def test_kilograms_are_exact_and_rounded_half_to_even(quantity, unit, kg):
    mass = kilograms(Quantity("https://a.example/lot/1", Decimal(quantity) if quantity else None, unit))
    assert mass == (None if kg is None else Decimal(kg))
    assert mass is None or mass < MAX_KG


def test_parts_of_one_transformation_become_one_step(kit):
    story = kit.Story()
    story.make({"A": 5}, {}, "smelting", transformation_id="urn:t:1", event_id="urn:e:1")
    story.make({}, {"B": 5}, transformation_id="urn:t:1", event_id="urn:e:2")
    story.make({"C": 5}, {"D": 5}, transformation_id="urn:t:2", event_id="urn:e:3")
    story.make({"E": 5}, {"F": 5}, event_id="urn:e:4")
    steps = {step.last.event_id: step for step in merged(map(step_of, kit.recorded(story.events)))}
    assert set(steps) == {"urn:e:2", "urn:e:3", "urn:e:4"}
    assert steps["urn:e:2"].type == "smelting"
    assert [member.event_id for member in steps["urn:e:2"].members] == ["urn:e:1", "urn:e:2"]
    assert _lists(steps["urn:e:2"]) == {"consumed", "produced"}


def test_a_container_named_by_a_sale_stands_for_its_contents(kit):
    story = kit.Story()
    alone = story.add("TransactionEvent", "ADD", "accepting", parent_id=kit.bag("1"))
    listed = story.add("TransactionEvent", "ADD", "accepting", parent_id=kit.bag("1"), epcs=(kit.bag("2"),))
    first, second = map(step_of, kit.recorded([alone, listed]))
    assert first.observed_epcs == (kit.bag("1"),)
    assert second.observed_epcs == (kit.bag("2"),)
    assert second.objects == {kit.bag("1"), kit.bag("2")}
