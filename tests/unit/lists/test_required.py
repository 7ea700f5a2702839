from traceability.lists.codes import is_reference, named, party_list, use
from traceability.lists.required import REQUIREMENTS, required_lists


def test_goods_for_the_united_states_need_the_us_lists():
    wanted = required_lists("shipment", destination="US", annex_i=False)
    assert {"us-uflpa", "us-cbp-wro", "un-sc"} <= wanted
    assert "eu-cahra" not in wanted


def test_annex_i_goods_for_the_union_need_the_area_lists():
    assert {"eu-cahra", "transit-watch"} <= required_lists("shipment", destination="NL", annex_i=True)
    assert "eu-cahra" not in required_lists("shipment", destination="NL", annex_i=False)


def test_the_unknown_needs_everything():
    everything = {item.list_id for item in REQUIREMENTS if item.subject == "shipment"}
    assert required_lists("shipment") == everything
    assert "eu-cahra" in required_lists("shipment", destination="NL", annex_i=None)


def test_a_batch_needs_only_what_custody_rules_read():
    assert required_lists("batch") == {"transit-watch"}
    assert required_lists("party") == {"un-sc"}


def test_codes_of_the_facts():
    assert (party_list("us-uflpa").list_code, party_list("us-uflpa").category) == ("UFLPA_ENTITY", "forced_labour")
    assert (party_list("un-sc").list_code, party_list("un-sc").category) == ("UN_SANCTIONS", "sanctions")
    assert (party_list("my-list").list_code, party_list("my-list").category) == ("OTHER", "other")


def test_a_list_is_called_by_a_title_and_says_what_reads_it():
    assert named("un-sc", "United Nations Security Council Consolidated List") == "UN Security Council list"
    assert (named("my-list"), named("my-list", "Our own list")) == ("my-list", "Our own list")
    assert use("un-sc") == use("my-list") == "parties are screened against its names"
    assert use("eu-2017-821-annex-i") == "reference only: the rules use the copy in their pack CMR"
    assert {list_id for list_id in ("hs", "un-sc", "eu-cahra") if is_reference(list_id)} == {"hs"}


def test_an_invented_destination_needs_everything():
    for code in ("XX", "UE", "EU", "eu", ""):
        assert required_lists("shipment", destination=code) == required_lists("shipment")
