"""A listed trader is told, contests with and without an account and without JavaScript, and a person answers."""

import io
import re
from urllib.parse import quote, unquote

import pytest
import structlog
from lxml import html

GOLD = "https://id.listed.example/lot/AU-7"
TOLD = "Your firm bears the name of an entry of a public list; we hold your goods until it is clear who is who."
WRONG = "We are another firm than the listed one: see the extract of the register."
WHY = "The extract of the register shows that the number is the listed one."
HIDDEN = ("un-sc", "UCI", "AU-7", "RF-", "un_sc")


def tree(answer):
    return html.fromstring(answer.get_data(as_text=True))


def is_whole(page):
    ids, fields = page.xpath("//@id"), page.xpath("//main//input[not(@type='hidden')]|//main//select|//main//textarea")
    told = [one for field in fields for one in (field.get("aria-describedby") or "").split()]
    named = {label.get("for") for label in page.xpath("//label")}
    whole = len(page.xpath("//h1")) == 1 and len(ids) == len(set(ids)) and set(told) <= set(ids)
    return whole and {field.get("id") for field in fields} <= named


@pytest.fixture
def told(story, reader):
    """An officer has told an unregistered firm, and sends it a link."""
    anna = reader("anna")
    hits = tree(anna.get(f"/batch?id={quote(GOLD, safe='')}")).xpath("//a[starts-with(@href, '/hit')]/@href")
    judge = anna.get(hits[0]).headers["Location"]
    (tell,) = tree(anna.get(judge)).xpath("//a[starts-with(@href, '/contests?')]/@href")
    form = tree(anna.get(tell))
    assert is_whole(form)
    said = {name: form.xpath(f"string(//*[@name='{name}']/@value)") for name in ("addressee", "hit")}
    said["about"] = form.xpath("string(//*[@name='about'])")
    assert anna.send("/contests", **said, told=" ").status_code == 400
    done = anna.send("/contests", **said, told=TOLD)
    assert done.status_code == 303, tree(done).xpath("string(//*[@role='alert'])")
    return anna, done.headers["Location"], judge


def chosen(browser, language, page):
    """Return where the choice of a language leads."""
    said = {"token": browser.token(), "language": language, "next": page}
    return browser.client.post("/language", data=said).headers["Location"]


def test_a_firm_without_an_account_contests_by_a_link_and_reads_the_answer_of_a_person(story, reader, told):
    anna, address, judge = told
    assert is_whole(tree(anna.get(address)))
    shown = anna.send(f"{address}/link").get_data(as_text=True)
    link = re.search(r"/contested/[\w-]{43}", shown).group()
    stranger = reader()
    with structlog.testing.capture_logs() as logged:
        page = stranger.get(link)
    text = page.get_data(as_text=True)
    assert (page.status_code, page.headers["Referrer-Policy"], is_whole(tree(page))) == (200, "no-referrer", True)
    assert link not in str(logged)
    assert TOLD in text
    assert not [word for word in HIDDEN if word in text + stranger.get(f"{link}.json").get_data(as_text=True)]
    with structlog.testing.capture_logs() as logged:
        assert chosen(stranger, "nl", link) == link
        assert "Dit gaat over u. U kunt tot" in stranger.get(link).get_data(as_text=True)
        assert chosen(stranger, "en", link) == link
    assert link not in str(logged)
    file = {"token": stranger.token(), "text": WRONG, "papers": (io.BytesIO(b"Extract"), "register.txt")}
    short = stranger.client.post(link, data={"token": stranger.token(), "text": "no"})
    assert (short.status_code, tree(short).xpath("//*[@id='text']/@aria-invalid")) == (400, ["true"])
    assert stranger.client.post(link, data=file).status_code == 303
    after = stranger.get(link).get_data(as_text=True)
    assert "A person of the office answers by" in after
    assert not tree(stranger.get(link)).xpath("//main//form[@enctype]")
    assert chosen(stranger, "nl", link) == link
    assert "U hebt bezwaar gemaakt" in stranger.get(link).get_data(as_text=True), "the answer is read in one's language"
    assert chosen(stranger, "en", link) == link
    assert stranger.client.post(link, data={"token": stranger.token(), "text": WRONG}).status_code == 409
    assert stranger.get("/contested/none").status_code == 404
    story.work()

    assert "1 contest waits for your answer" in re.sub(r"<[^>]+>", "", anna.get("/queue").get_data(as_text=True))
    assert [row["kind"] for row in anna.get("/deadlines.json").get_json()["tables"]["deadlines"]].count("contest") == 1
    assert "register.txt" in anna.get(address).get_data(as_text=True)
    answer = {"based_on": "2", "outcome": "stands", "text": WHY, "office": "Compliance office"}
    early = anna.send(f"{address}/answer", **answer)
    assert (early.status_code, "judge the hit first" in early.get_data(as_text=True)) == (409, True)
    key = re.search(r"id=([^&]+)", judge).group(1)
    judged = anna.send("/judge", kind="hit", id=unquote(key), verdict="confirmed", reason=WHY)
    assert judged.status_code == 303
    assert anna.send(f"{address}/answer", **answer).status_code == 303
    read = stranger.get(link).get_data(as_text=True)
    assert "Compliance office" in read
    assert WHY in read
    assert "anna" not in read


def test_links_are_used_at_a_rate(story, reader):
    browser = reader()
    answers = [browser.get("/contested/guess").status_code for _ in range(61)]
    assert answers == [404] * 60 + [429]


def test_a_supplier_contests_what_it_was_told_of_and_sees_nothing_else(story, reader):
    anna, sam = reader("anna"), reader("sam")
    links = tree(anna.get("/shipment?id=NL-2026-0001")).xpath("//a[starts-with(@href, '/finding')]/@href")
    code = links[0].partition("-")[2].partition("&")[0]
    said = {"addressee": story.parties["mine"].did, "finding": code, "about": "shipment NL-2026-0001", "told": TOLD}
    address = anna.send("/contests", **said).headers["Location"]
    seen = sam.get(address)
    assert is_whole(tree(seen))
    assert code not in seen.get_data(as_text=True) + sam.get(f"{address}.json").get_data(as_text=True)
    assert "concerns you" in sam.get("/documents").get_data(as_text=True)
    assert sam.send(f"{address}/objection", based_on="1", text=WRONG).status_code == 303
    assert sam.send(f"{address}/objection", based_on="1", text=WRONG).status_code == 409
    assert sam.send("/contests/own", importer=story.parties["importer"].did, text=WRONG).status_code == 303
    assert sam.send("/contests/own", importer=story.parties["rival"].did, text=WRONG).status_code == 400
    assert len(anna.get("/contests.json").get_json()["tables"]["contests"]) == 2
    for name in ("dora", "adam"):
        assert reader(name).get(address).status_code == 403
