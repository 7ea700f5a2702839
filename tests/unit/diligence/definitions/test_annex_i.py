from decimal import Decimal

import pytest

from traceability.diligence.case import Case
from traceability.diligence.definitions.annex_i import annex_row, volume
from traceability.diligence.tables import annex_rows


@pytest.mark.parametrize(
    ("shipment", "row_id"),
    [
        ({"cn_code": "26090000"}, "A-26090000"),
        ({"cn_code": "26159000"}, "A-26159000-10"),
        ({"cn_code": "26159000", "taric_subdivision": "10"}, "A-26159000-10"),
        ({"cn_code": "26159000", "taric_subdivision": "90"}, None),
        ({"cn_code": "26090000", "taric_subdivision": "90"}, "A-26090000"),
        ({"cn_code": "71081200"}, "A-7108"),
        ({"cn_code": "71081200", "purity_pct": "99.499999"}, "A-7108"),
        ({"cn_code": "71081200", "purity_pct": "99.5"}, "B-7108"),
        ({"cn_code": "26169000", "purity_pct": "99.9"}, "A-26169000-10"),
        ({"cn_code": "80011000"}, "B-8001"),
        ({"cn_code": "80070010"}, "B-800700"),
        ({"cn_code": "81039100"}, "B-810390"),
        ({"cn_code": "81039900"}, "B-810390"),
        ({"cn_code": "81039000"}, "B-810390"),
        ({"cn_code": "81033000"}, None),
        ({"cn_code": "85076000"}, None),
        ({}, None),
    ],
)
def test_row(shipment, row_id):
    found = annex_row(shipment)
    assert (found.row_id if found else None) == row_id


def test_every_row_can_be_matched():
    found = {
        annex_row({"cn_code": prefix.ljust(8, "0"), "purity_pct": purity}).row_id
        for row in annex_rows()
        for prefix in row.prefixes
        for purity in ("50", "100")
    }
    assert found == {row.row_id for row in annex_rows()}


class TestVolume:
    row = annex_row({"cn_code": "26090000"})

    def test_total_is_prior_and_net_weight(self):
        facts = {"importer_ytd_kg": {"A-26090000": "4999.5"}, "shipment": {"net_weight_kg": "0.5"}}
        found = volume(self.row, facts)
        assert (found.prior, found.total) == (Decimal("4999.5"), Decimal(5000))

    def test_absent_net_weight_counts_as_zero(self):
        assert volume(self.row, {"importer_ytd_kg": {"A-26090000": "1"}, "shipment": {}}).total == 1

    @pytest.mark.parametrize("facts", [{}, {"importer_ytd_kg": {}}, {"importer_ytd_kg": {"B-8001": "5"}}])
    def test_a_missing_key_is_unknown_not_zero(self, facts):
        assert volume(self.row, facts) is None

    def test_no_row_no_volume(self):
        assert volume(None, {"importer_ytd_kg": {"A-26090000": "1"}}) is None


def document(document_type, **extra):
    return [{"document_id": "D1", "type": document_type} | extra]


class TestRecycled:
    @pytest.mark.parametrize(
        ("document_type", "exempt"),
        [("melt_log", True), ("invoice", True), ("supplier_letter", False), ("other", False)],
    )
    def test_evidence(self, make_facts, document_type, exempt):
        shipment = {"cn_code": "80011000", "material_class": "recycled", "recycled_evidence": ["D1"]}
        assert Case(make_facts(shipment, documents=document(document_type))).exempt is exempt

    def test_an_id_that_does_not_resolve_proves_nothing(self, make_facts):
        shipment = {"cn_code": "80011000", "material_class": "recycled", "recycled_evidence": ["D2"]}
        assert not Case(make_facts(shipment, documents=document("melt_log"))).exempt

    @pytest.mark.parametrize(
        "shipment", [{"cn_code": "26090000"}, {"material_class": "mixed"}, {"recycled_evidence": []}]
    )
    def test_ore_and_other_classes_are_not_exempt(self, make_facts, shipment):
        base = {"cn_code": "80011000", "material_class": "recycled", "recycled_evidence": ["D1"]}
        assert not Case(make_facts(base | shipment, documents=document("melt_log"))).exempt


OLD_STOCK = {"material_class": "pre_2013_stock", "stock_created_on": "2013-01-31", "stock_evidence": ["D1"]}
DATED = {"issuer_role": "importer", "issued_on": "2013-01-31"}


class TestStock:
    def exempt(self, make_facts, shipment=None, document_type="inventory_statement", **extra):
        documents = document(document_type, **{**DATED, **extra})
        return Case(make_facts(OLD_STOCK | (shipment or {}), documents=documents)).exempt

    def test_inventory_or_date_stamp(self, make_facts):
        assert self.exempt(make_facts)
        assert self.exempt(make_facts, document_type="date_stamp_record")
        assert not self.exempt(make_facts, document_type="warehouse_receipt")

    @pytest.mark.parametrize(("role", "exempt"), [("third_party", True), ("authority", True), ("supplier", False)])
    def test_issuer(self, make_facts, role, exempt):
        assert self.exempt(make_facts, issuer_role=role) is exempt

    def test_last_day(self, make_facts):
        assert not self.exempt(make_facts, {"stock_created_on": "2013-02-01"})
        assert not self.exempt(make_facts, {"stock_created_on": None})

    def test_undated_or_unsigned_list_verifies_nothing(self, make_facts):
        undated = document("inventory_statement", issuer_role="importer")
        assert not Case(make_facts(OLD_STOCK, documents=undated)).exempt
        by_nobody = document("inventory_statement", issued_on="2013-01-01")
        assert not Case(make_facts(OLD_STOCK, documents=by_nobody)).exempt

    def test_other_class_or_unresolved_evidence(self, make_facts):
        assert not self.exempt(make_facts, {"material_class": "mined"})
        assert not self.exempt(make_facts, {"stock_evidence": ["D9"]})


class TestAmended:
    """From 1 July 2026 on the threshold of tin ores is 4000 kg and no longer 5000 kg: one more line of the table."""

    @pytest.fixture(autouse=True)
    def _lines(self, amended):
        amended(("A-26090000", "4000", "2026-07-01"), ("A-26090000", "9000", "2030-01-01"))

    @pytest.mark.parametrize(
        ("as_of", "kilograms"),
        [
            ("2019-01-01", 5000), ("2021-01-01", 5000), ("2026-06-30", 5000), ("2026-07-01", 4000),
            ("2029-12-31", 4000), ("2030-01-01", 9000), ("9999-12-31", 9000),
        ],
    )  # fmt: skip
    def test_the_threshold_of_the_day(self, make_facts, as_of, kilograms):
        assert Case(make_facts(as_of=as_of)).threshold == kilograms

    @pytest.mark.parametrize(
        ("as_of", "prior", "kilograms", "raised"),
        [
            ("2026-06-30", "3000", "1000", {"CMR-02-BELOW", "CMR-02-NEAR"}),
            ("2026-07-01", "3000", "1000", {"CMR-02-CROSSED"}),
            ("2026-07-01", "3000", "999.999999", {"CMR-02-BELOW", "CMR-02-NEAR"}),
            ("2026-07-01", "3000", "199.999999", {"CMR-02-BELOW"}),
            ("2026-06-30", "4000", "999", {"CMR-02-BELOW", "CMR-02-NEAR"}),
            ("2026-07-01", "4000", "999", {"CMR-02-IN-SCOPE"}),
        ],
    )
    def test_a_shipment_before_and_after_the_amendment(self, make_facts, codes, as_of, prior, kilograms, raised):
        facts = make_facts({"net_weight_kg": kilograms}, as_of=as_of, importer_ytd_kg={"A-26090000": prior})
        assert {code for code in codes(facts) if code.startswith("CMR-02")} == raised
        assert ("CMR-05-RETENTION" in codes(facts | {"importer": {"management_system": {}}})) == (
            "CMR-02-BELOW" not in raised
        )

    def test_other_rows_keep_theirs(self, make_facts):
        facts = make_facts({"cn_code": "26110000"}, as_of="2026-07-01")
        assert Case(facts).threshold == 250_000

    def test_goods_outside_annex_i_have_none(self, make_facts):
        with pytest.raises(ValueError, match="no row of Annex I"):
            _ = Case(make_facts({"cn_code": "26030000"})).threshold
