from traceability.diligence.definitions.countries import DF10, EU27, OECD38


def test_sizes():
    assert len(EU27) == 27
    assert len(OECD38) == 38
    assert len(DF10) == 10


def test_members():
    assert {"GR", "HR"} <= EU27
    assert not {"GB", "UK", "EL", "NO", "CH"} & EU27
    assert not {"BG", "CY", "HR", "MT", "RO"} & OECD38
    assert "CD" in DF10
