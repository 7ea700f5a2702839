"""What an officer asks and a supplier answers at the console, without JavaScript; each sees its own side alone."""

import io

from lxml import html

MIX = "https://id.trader.example/lot/MIX-1"
REASON = "The papers say what was asked for."


def tree(answer):
    return html.fromstring(answer.get_data(as_text=True))


def is_whole(page):
    """Tell whether a page has one title and a label for every field; ids are unique and what describes one is there."""
    ids = page.xpath("//@id")
    fields = page.xpath("//main//input[not(@type='hidden')]|//main//select|//main//textarea")
    told = [one for field in fields for one in (field.get("aria-describedby") or "").split()]
    named = {label.get("for") for label in page.xpath("//label")}
    return (
        len(page.xpath("//h1")) == 1
        and len(ids) == len(set(ids))
        and set(told) <= set(ids)
        and {field.get("id") for field in fields} <= named
    )


def test_an_officer_asks_the_supplier_answers_with_a_paper_and_the_officer_accepts(story, reader):
    anna, sam = reader("anna"), reader("sam")
    supplier = story.parties["mine"].did
    asked = {
        "addressee": supplier, "about": f"batch {MIX}", "finding": "A2-5", "question": "Which pit was it dug in?",
        "fields_wanted": "name of the pit", "papers_wanted": "certificate_of_origin", "due_on": "2099-01-01",
        "partner_employees": "40", "obtainable_otherwise": "no",
    }  # fmt: skip
    wrong = anna.send("/requests", **asked)
    assert wrong.status_code == 400
    assert tree(wrong).xpath("//*[@id='due_on']/@aria-invalid") == ["true"]
    done = anna.send("/requests", **asked | {"due_on": "2027-01-30"})
    assert done.status_code == 303, tree(done).xpath("string(//*[@role='alert'])")
    address = done.headers["Location"]
    for browser in (anna, sam):
        assert is_whole(tree(browser.get(address)))
        assert is_whole(tree(browser.get("/requests")))
    seen = sam.get(address).get_data(as_text=True)
    assert "Which pit was it dug in?" in seen
    assert "A2-5" not in seen + sam.get(f"{address}.json").get_data(as_text=True)
    for name in ("rita", "dora"):
        assert reader(name).get(address).status_code in (403, 404)

    file = {"token": sam.token(), "file": (io.BytesIO(b"Certificate of origin"), "origin.txt")}
    assert sam.client.post("/documents", data=file).status_code == 303
    (paper,) = tree(sam.get(address)).xpath("//input[@name='documents']/@value")[:1]
    told = {
        "based_on": "1",
        "text": "From the north pit.",
        "fields_given": "name of the pit: north",
        "documents": paper,
    }
    assert sam.send(f"{address}/answer", **told).status_code == 303
    assert sam.send(f"{address}/answer", **told).status_code == 409
    assert "wait" in anna.get("/queue").get_data(as_text=True), "the officer is told on every page"
    (row,) = anna.get("/deadlines.json").get_json()["tables"]["deadlines"][-1:]
    assert row["kind"] == "request for information"
    assert anna.send(address, based_on="2", text=REASON, step="asked_again", due_on="soon").status_code == 400
    assert anna.send(address, based_on="2", text=REASON).status_code == 400
    assert anna.send(address, based_on="2", text=REASON, step="accepted").status_code == 303
    shown = anna.get(f"{address}.json").get_json()
    assert [row["step"] for row in shown["tables"]["thread"]] == ["asked", "answered", "accepted"]
    assert shown["tables"]["thread"][1]["text"] == "From the north pit.; name of the pit: north"
    assert anna.send(address, based_on="3", text=REASON, step="withdrawn").status_code == 409
