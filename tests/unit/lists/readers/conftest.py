import pytest

from traceability.lists.entries import ListEntry, Name
from traceability.lists.places import Places


@pytest.fixture
def places():
    named = {"CO": ["Colombia"], "IR": ["Iran"], "CN": ["China"], "CD": ["DR Congo"], "MM": ["Burma"]}
    return Places.build(
        ListEntry("iso-3166-1", code, "code", tuple(map(Name, names)), code=code) for code, names in named.items()
    )
