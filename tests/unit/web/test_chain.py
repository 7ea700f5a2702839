"""The tables of a chain: what is in the balance, and whose word it is."""

from traceability.web.chain import tables

LOT = "https://id.example/lot/A"


def test_the_balance_names_who_booked_on_a_batch_it_never_had(app):
    spy = {"event_id": "e", "index": 17, "signers": ["did:web:spy.example"], "what": "used", "kg": "10"}
    node = {"batch": LOT, "mineral": None, "birth": None, "holders": [], "born_kg": "1000", "used_kg": "10",
            "lost_kg": "0", "remaining_kg": "990", "unproven": [spy]}  # fmt: skip
    other = node | {"batch": f"{LOT}-2", "unproven": []}
    party = {"did": "did:web:spy.example", "name": "Spy", "registered": True}
    chain = {"batch": LOT, "events": [], "nodes": [node, other], "parties": [party]}
    with app.test_request_context():
        _, balance, _ = tables(chain, {})
    remarks = [row.cells["remarks"].text for row in balance.rows]
    assert remarks == ["10 kg used by Spy, not proved to have had it (entry 17)", ""]
