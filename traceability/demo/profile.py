"""What the importer of the demonstration signs about itself (Reg. (EU) 2017/821).

Its management system (Art. 4 to 7), and what it had imported of each row in the year before the first consignment
recorded here (Art. 1(3)).
"""

from typing import Any


def statement() -> dict[str, Any]:
    """Return the importer's profile with its yearly volumes; every volume is above its threshold of Annex I."""
    management = {
        "policy": {
            "published_url": "https://demo-metals.example/supply-chain-policy",
            "oecd_annex_ii_consistent": True,
            "adopted_on": "2021-03-01",
            "reviewed_on": "2026-03-02",
        },
        "senior_management_responsible": "Chief operating officer",
        "record_retention_years": 5,
        "supplier_contract_clause": True,
        "grievance_mechanism": "joint",
        "audit": {
            "completed_on": "2026-05-15", "covers_all_activities": True, "auditor": "Demo Audit House SA (invented)",
        },
        "annual_report": {"reporting_year": 2025, "published_url": "https://demo-metals.example/report-2025"},
    }  # fmt: skip
    return {
        "profile": {"employees": 48, "net_turnover_eur": "62000000", "management_system": management},
        "volumes": [
            {"row_id": "B-8001", "year": "2026", "opening_kg": "142000"},
            {"row_id": "A-26159000-10", "year": "2026", "opening_kg": "104500"},
            {"row_id": "A-7108", "year": "2026", "opening_kg": "183.5"},
        ],
    }
