"""Duplicates, leavers and parties that leave at the console, without JavaScript: proposed, decided by another, undone."""

import re

from lxml import html

WHY = "Both records show one number of the register."


def tree(answer):
    return html.fromstring(answer.get_data(as_text=True))


def buttons(page):
    return [button.text_content().strip() for button in page.xpath("//main//button")]


def test_two_records_are_merged_by_another_admin_than_the_one_who_proposed_it_and_undone(story, reader, make_user):
    make_user("admin", service=story.service, name="eva")
    adam, eva = reader("adam"), reader("eva")
    mine, trader = story.parties["mine"], story.parties["trader"]
    wrong = adam.send("/merges", kept=mine.did, merged="did:web:nobody.example", reason=WHY)
    assert (wrong.status_code, tree(wrong).xpath("//*[@id='merged']/@aria-invalid")) == (400, ["true"])
    address = adam.send("/merges", kept=mine.did, merged=trader.did, reason=WHY).headers["Location"]
    assert "Read both as one party" not in buttons(tree(adam.get(address)))
    assert "Read both as one party" in buttons(tree(eva.get(address)))
    assert adam.send(address, go="approve", reason=WHY).status_code == 403
    assert eva.send(address, go="approve", reason=WHY).status_code == 303
    story.work()
    assert trader.did in adam.get(f"/parties/{mine.id}").get_data(as_text=True)
    assert adam.get(f"/v1/parties/{mine.id}").json["read_as_one_with"][0]["did"] == trader.did
    sam = reader("sam")
    for place in (f"/parties/{mine.id}", f"/v1/parties/{mine.id}", "/v1/merges"):
        answer = sam.get(place)
        assert (answer.status_code, trader.did in answer.get_data(as_text=True)) == (200, False), place
    undo = adam.send(f"{address}/undo", reason=WHY).headers["Location"]
    assert eva.send(undo, go="approve", reason=WHY).status_code == 303
    assert trader.did not in adam.get(f"/parties/{mine.id}").get_data(as_text=True)
    assert "undone" in eva.get(address).get_data(as_text=True)


def test_a_leaver_is_out_at_once_and_the_work_goes_to_a_colleague(story, reader):
    anna, adam, boris = reader("anna"), reader("adam"), reader("boris")
    plan = {
        "risk_code": "A2-3", "about": "shipment NL-2026-0001", "adopted_on": "2026-11-01", "progress": "on_track",
        "review_due_on": "2027-01-31", "what-1": "a visit", "measure-1": "a report", "due_on-1": "2027-01-01",
    }  # fmt: skip
    assert anna.send("/plans", **plan).status_code == 303
    closed = adam.send("/users/close", user="anna")
    assert closed.headers["Location"] == "/users/work?user=anna"
    assert anna.get("/queue").status_code == 303, "the session has ended"
    page = tree(adam.get(closed.headers["Location"]))
    work = page.xpath("//input[@name='work']/@value")
    assert [one.partition("|")[0] for one in work] == ["plan"]
    assert adam.send("/users/work", user="anna", to="boris").status_code == 400
    assert adam.send("/users/work", user="anna", to="ines", work=work).status_code == 400
    assert adam.send("/users/work", user="anna", to="boris", work=work).status_code == 303
    told = re.sub(r"\s+", " ", tree(boris.get("/queue")).text_content())
    assert "1 piece of work of a colleague was handed to you" in told
    (row,) = boris.get("/work.json").get_json()["tables"]["work"]
    assert row["from"] == "anna"
    assert boris.get(tree(boris.get("/work")).xpath("//tbody//a/@href")[0]).status_code == 200


def test_a_party_leaves_and_its_page_says_so(story, reader):
    adam, mine = reader("adam"), story.parties["mine"]
    assert adam.send(f"/parties/{mine.id}/departure", reason="short").status_code == 400
    assert adam.send(f"/parties/{mine.id}/departure", reason=WHY).status_code == 303
    page = tree(adam.get(f"/parties/{mine.id}"))
    assert "Record that it left" not in buttons(page)
    assert "ledger entry" in page.text_content()
    assert adam.send(f"/parties/{mine.id}/departure", reason=WHY).status_code == 409
