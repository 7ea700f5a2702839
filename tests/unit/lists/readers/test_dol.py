"""The reader of the US Department of Labor's list of goods."""

from traceability.lists.readers import dol


def test_goods(places):
    row = (
        "<Country><Country_Name>{}</Country_Name><Child_Labor>No</Child_Labor><Forced_Labor>No</Forced_Labor>"
        "<Forced_Child_Labor>{}</Forced_Child_Labor><Derived_Country>{}</Derived_Country></Country>"
    )
    rows = row.format("Burma", "Yes", "No") + row.format("China", "No", "DR Congo") + row.format("Mu", "No", "No")
    data = f"<Goods><Good><Good_Name>Tin</Good_Name><Good_Sector>Mining</Good_Sector><Countries>{rows}</Countries></Good></Goods>"
    reading = dol.read(data.encode(), places, {"Tin": "tin"})
    forced, derived = reading.entries
    assert (forced.entry_key, forced.country, forced.material) == ("Tin/MM", "MM", "tin")
    assert (forced.child_labour, forced.forced_labour) == (True, True)
    assert (derived.entry_key, derived.extra["derived_from"]) == ("Tin/CN/from-CD", "CD")
    assert (derived.child_labour, derived.forced_labour) == (False, False)
    assert [question.raw for question in reading.review] == ["Tin / Mu / No"]
