"""The distinctions of the labels guide, in sentences written for these tests."""

import pytest

CASES = [
    ("affirmed", "Our [[tin]] is mined at Man Maw in Wa State."),
    ("affirmed", "Nine [[children]] were washing ore at the pond."),
    ("affirmed", "There is no doubt that [[armed men]] tax the pit at Bisie."),
    ("affirmed", "The [[origin of lot 4 could not be established]]."),
    ("affirmed", "The [[withheld passports]] have not been returned."),
    ("negated", "We found no [[child labour]] at the site."),
    ("negated", "[[Child labour]] was not found at the site."),
    ("negated", "Cases of [[forced labour]]: 0"),
    ("negated", "Is [[child labour]] used at your site? No."),
    ("negated", "Has any [[forced labour]] been found? [ ] Yes [X] No"),
    ("negated", "No visit found [[child labour]] and none reported debts."),
    ("negated", "The [[tantalum]] does not originate from the DRC."),
    ("negated", "The plant is free of [[forced labour]]."),
    ("affirmed", "Has any [[forced labour]] been found? Yes."),
    ("affirmed", "No injuries were seen, but [[children]] were carrying sacks."),
    ("affirmed", "The plant is not free of [[forced labour]]."),
    ("hypothetical", "Is [[child labour]] used at your site?"),
    ("hypothetical", "If [[child labour]] is found, the supplier shall report it."),
    ("hypothetical", "There may be [[armed groups]] on this route."),
    ("policy", "Suppliers shall not use [[forced labour]]."),
    ("policy", "We have zero tolerance for [[child labour]]."),
    ("policy", "There is no excuse for [[child labour]] and suppliers must prevent it."),
    ("policy", "Managers are trained to recognise signs of [[debt bondage]]."),
    ("definition", "[[Forced labour]] means work exacted under the menace of a penalty."),
    ("definition", "An estimated 160 million [[children]] work worldwide."),
    ("reported", "Villagers say that [[militia]] levy a fee at the barrier."),
    ("reported", "According to an NGO, [[children]] dig for cobalt there."),
    ("historical", "Until 2016 we purchased [[coltan]] in Goma."),
    ("historical", "We no longer buy [[gold]] from Ituri."),
    ("remediated", "F-03, [[underage sorter]]: closed."),
    ("remediated", "The agent held [[passports of nine workers]]. These were returned in May."),
    ("negated", "We deal with Emerald [[Gold]] Coast Ltd for packaging."),
]


@pytest.mark.parametrize(("expected", "marked"), CASES)
def test_english(decided, expected, marked):
    assert decided(marked)["assertion"] == expected


OTHER = [
    ("nl", "negated", "Er is geen [[kinderarbeid]] aangetroffen."),
    ("nl", "policy", "Leveranciers mogen geen [[dwangarbeid]] gebruiken."),
    ("de", "affirmed", "Am Bach wuschen [[Kinder]] Erz."),
    ("de", "negated", "Das [[Kobalt]] stammt nicht aus der Demokratischen Republik Kongo."),
    ("fr", "negated", "Aucun cas de [[travail forcé]] n'a été constaté."),
    ("fr", "affirmed", "Il ne fait aucun doute que des [[enfants travaillent]] au lavoir."),
    ("es", "policy", "El código prohíbe el [[trabajo infantil]]."),
    ("pt", "historical", "Até 2017 comprávamos [[ouro]] em Itaituba."),
    ("zh", "negated", "审核未发现[[童工]]。"),
]


@pytest.mark.parametrize(("lang", "expected", "marked"), OTHER)
def test_other_languages(decided, lang, expected, marked):
    assert decided(marked, lang)["assertion"] == expected


def test_concept_place_and_risk(decided):
    row = decided("The [[cassiterite]] was bought from diggers in Kalehe, South Kivu.")
    assert (row["concept"], row["country"], row["region"], row["risk"]) == ("MINERAL_SOURCING", "CD", "CD-SK", True)


def test_an_origin_in_rwanda_is_no_risk_but_smuggling_is(decided):
    assert not decided("The [[wolframite]] was mined in Rwanda.")["risk"]
    assert decided("The [[gold]] was smuggled to Uganda and sold there.")["risk"]


def test_a_smelter_and_what_is_wrong_with_it(decided):
    row = decided("[[Bexley Gold Refinery]] is a refinery that has never been audited.")
    assert (row["concept"], row["risk"]) == ("SMELTER", True)
