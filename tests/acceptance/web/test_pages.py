"""Every page, read as a browser reads it: structure, labels, links, twins, and the words no page may print."""

import csv
import io
import re
from itertools import pairwise
from urllib.parse import quote

import pytest
from lxml import html

MIX = quote("https://id.trader.example/lot/MIX-1", safe="")
ORE = quote("https://id.mine-one.example/lot/ORE-1", safe="")
GOLD = quote("https://id.listed.example/lot/AU-7", safe="")
BATCHES = [f"/batch?id={MIX}", f"/batch?id={GOLD}"]
PAGES = {
    "anna": ["/queue", "/queue?state=REVIEW", "/queue?code=RF-L1", "/queue?assignee=-&material=tin", *BATCHES, "/shipment?id=NL-2026-0001",
             "/decide?kind=shipment&id=NL-2026-0002", "/decisions", "/decisions?state=waiting", "/incidents", "/documents",
              "/plans", "/grievances", "/notices", "/contests", "/deadlines", "/volumes", "/volumes?year=2025", "/concentration",
             "/lists", "/api-keys", "/search", "/search?q=NL-2026-0001", "/password", "/screenings", "/profile", "/reports", "/reports?year=2026",
             "/screenings?outcome=hits", "/log", "/log?kind=event&upto=20", "/screenings?subject=Nobody&from=2026-01-01"],
    "ines": ["/queue", f"/batch?id={MIX}", "/shipment?id=NL-2026-0002", "/events/new", "/events/new?what=processing",
             "/documents?batch=x", "/decisions"],
    "sam": ["/events/new", "/search", f"/search?q={ORE}", f"/batch?id={ORE}", "/documents", "/contests", "/lists", "/api-keys"],
    "reg": ["/search", "/lists", "/log", "/importers", "/importers?order=origin", "/screenings", "/screenings?importer=did:web:importer.example", *BATCHES, "/search?q=NL-2026-0001"],
    "aud": ["/search", "/screenings", *BATCHES],
    "dora": ["/access-log", "/retention", "/holds", "/lists"],
    "adam": ["/approvals", "/users", "/users/work?user=anna", "/merges", "/work", "/mandates", "/jobs", "/jobs?state=failed", "/lists", "/lists/us-uflpa/review", "/api-keys",
              "/screenings"],
    None: ["/sign-in"],
}  # fmt: skip
FORBIDDEN = re.compile(r"\b(compliant|conflict[- \u2011]free|safe|approved)\b", re.IGNORECASE)


def tree(answer):
    return html.fromstring(answer.get_data(as_text=True))


def text_of(node):
    """Return what a node says; a moment as its title tells it exactly, which is what the twins have."""
    for time in node.xpath(".//time"):
        time.text = time.get("title")
    return re.sub(r"\s+", " ", node.text_content()).strip()


@pytest.fixture(scope="module")
def pages(read_only):
    """Return every page of every reader as (reader, address, answer, tree)."""
    found = []
    for name, addresses in PAGES.items():
        browser = read_only(name)
        browser.send("/search/purpose", purpose="checks of importers")
        for address in [*addresses, *_details(browser, name)]:
            answer = browser.get(address)
            assert answer.status_code == 200, (name, address, answer.get_data(as_text=True)[:2000])
            found.append((browser, address, answer, tree(answer)))
    return found


def _details(browser, name):
    """Return pages that stand behind the first link of a list."""
    lists = {"anna": ["/incidents", "/documents", "/screenings?outcome=hits"], "adam": ["/approvals"]}
    for address in lists.get(name, ()):
        yield tree(browser.get(address)).xpath("//tbody//a/@href")[0]
    if name == "anna":
        hits = tree(browser.get(f"/batch?id={GOLD}")).xpath(
            "//*[@class='evidence']//a[starts-with(@href, '/hit')]/@href"
        )
        yield browser.get(hits[0]).headers["Location"]
        signals = tree(browser.get(f"/batch?id={MIX}")).xpath("//a[starts-with(@href, '/judge?kind=signal')]/@href")
        yield signals[0]
    if name in {"anna", "reg", "aud"}:
        yield tree(browser.get(f"/batch?id={MIX}")).xpath("//a[starts-with(@href, '/finding')]/@href")[0]


def test_every_page_is_whole_and_honest(pages):
    for _, address, answer, page in pages:
        structure(address, page)
        labels(address, page)
        forms(address, page)
        no_inline(address, answer, page)
        words(address, page)
        marks(address, page)


def structure(address, page):
    assert page.get("lang") == "en"
    assert len(page.xpath("//h1")) == 1, address
    levels = [int(node.tag[1]) for node in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    steps = [b - a for a, b in pairwise(levels)]
    assert levels[0] == 1, address
    assert max(steps, default=0) <= 1, (address, levels)
    assert len(page.xpath("//main")) == len(page.xpath("//header")) == len(page.xpath("//footer")) == 1
    assert page.xpath("//a[@class='skip']/@href") == ["#main"]
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), (address, sorted(i for i in ids if ids.count(i) > 1))
    for table in page.xpath("//table"):
        assert table.xpath("caption"), address
        assert not table.xpath(".//th[not(@scope)]"), address
    for region in page.xpath("//*[@aria-labelledby]"):
        assert all(name in ids for name in region.get("aria-labelledby").split()), (address, region.attrib)


def labels(address, page):
    for field in page.xpath("//input[not(@type='hidden')]|//select|//textarea"):
        wrapped = field.xpath("ancestor::label")
        named = page.xpath("//label[@for=$id]", id=field.get("id", ""))
        assert wrapped or named, (address, html.tostring(field))
        for one in (field.get("aria-describedby") or "").split():
            assert page.xpath("//*[@id=$id]", id=one), (address, one)
    for group in page.xpath("//fieldset"):
        assert group.xpath("legend"), address
    for button in page.xpath("//button|//a"):
        assert text_of(button) or button.get("aria-label"), (address, html.tostring(button))


def forms(address, page):
    for form in page.xpath("//form[@method='post']"):
        token = form.xpath(".//input[@name='token']/@value")
        assert [len(one) for one in token] == [40], address


def no_inline(address, answer, page):
    assert not page.xpath("//@style|//style"), address
    assert not [node for node in page.xpath("//script") if not node.get("src")], address
    assert not [name for node in page.iter() for name in node.attrib if name.startswith("on")], address
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.data) < 200_000, address


def words(address, page):
    shown = text_of(page.xpath("//body")[0])
    assert not FORBIDDEN.search(shown), (address, FORBIDDEN.search(shown))


def marks(address, page):
    for node in page.xpath("//*[contains(concat(' ', @class, ' '), ' mark ')]"):
        assert text_of(node), address
        assert node.xpath(".//*[local-name()='svg'][@aria-hidden='true']"), address


def test_every_link_resolves(pages):
    tried = set()
    for browser, address, _, page in pages:
        ids = set(page.xpath("//@id"))
        for link in page.xpath("//a/@href|//link/@href|//script/@src"):
            if link.startswith("#"):
                assert link[1:] in ids, (address, link)
            elif (id(browser), link) not in tried:
                tried.add((id(browser), link))
                assert browser.get(link.partition("#")[0]).status_code in (200, 303), (address, link)
    assert len(tried) > 100


def test_every_form_leads_somewhere(pages):
    for browser, address, _, page in pages:
        routes = browser.client.application.url_map.bind("localhost")
        for form in page.xpath("//form[@action]"):
            for action in [form.get("action"), *form.xpath(".//button/@formaction")]:
                assert routes.match(action, method=form.get("method").upper())[0].startswith("web."), (address, action)


def test_the_twins_say_what_the_table_says(pages):
    seen = 0
    for browser, address, _, _ in pages:
        page = tree(browser.get(address))  # anew: the log of reads has grown since
        path, _, query = address.partition("?")
        for table in page.xpath("//table"):
            name = table.get("data-table")
            rows = [[text_of(cell) for cell in row.xpath("th|td")] for row in table.xpath(".//tbody/tr")]
            data = browser.get(f"{path}.json?{query}").get_json()
            assert [[re.sub(r"\s+", " ", str(v)).strip() for v in row.values()] for row in data["tables"][name]] == rows
            answer = browser.get(f"{path}.csv?{query}&table={name}")
            assert answer.mimetype == "text/csv"
            head, *body = csv.reader(io.StringIO(answer.get_data(as_text=True)))
            assert head == [text_of(cell) for cell in table.xpath(".//thead//th")]
            stripped = [[re.sub(r"\s+", " ", v.removeprefix("'")).strip() for v in row] for row in body]
            assert stripped == [[v.removeprefix("'") for v in row] for row in rows]
            seen += 1
    assert seen > 20


def test_a_page_has_no_table_it_does_not_show(read_only):
    anna = read_only("anna")
    assert anna.get("/queue.csv?table=nothing").status_code == 404
    assert anna.get("/password.csv").status_code == 404


def test_pending_is_apart_and_never_counted_as_clear(reader):
    anna = reader("anna")
    anna.client.post("/documents", data={
        "token": anna.token(), "shipment": "NL-2026-0001", "file": (io.BytesIO(b"Not yet read"), "later.txt"),
    })  # fmt: skip
    page = tree(anna.get("/queue"))
    apart = page.xpath("//nav[@class='counts']/a[contains(@class, 'apart')]")
    assert [text_of(node) for node in apart] == ["1 Pending, counted as nothing else"]
    verdict = tree(anna.get(f"/batch?id={MIX}")).xpath("//section[contains(@class, 'verdict')]")[0]
    assert "Pending" in text_of(verdict)
    assert "No rule raised" not in text_of(verdict)


def test_the_picture_is_drawn_from_the_table(read_only):
    page = tree(read_only("anna").get(f"/batch?id={MIX}"))
    rows = {row.get("id") for row in page.xpath("//table[@data-table='events']//tr[@id]")}
    (picture,) = page.xpath("//section[@id='picture']//*[local-name()='svg'][@aria-labelledby]")
    links = {href[1:] for href in picture.xpath(".//*[local-name()='a']/@href")}
    assert links == rows
    assert len(rows) == 8
    assert picture.xpath("*[local-name()='title']/text()")
    assert "8 events, 3 parties, 1 without a good signature" in text_of(page.xpath("//section[@id='picture']/p")[0])
    flawed = page.xpath("//*[local-name()='path'][contains(@class, 'flawed')]")
    said = page.xpath("//*[local-name()='text'][contains(@class, 'flaw')]/text()")
    assert len(flawed) == len(said) >= 1
    assert "unsigned" in said[0]


def test_what_a_machine_read_is_said_to_be_so(read_only):
    shown = text_of(tree(read_only("anna").get(f"/batch?id={MIX}")).xpath("//section[@id='findings']")[0])
    assert "document \u00b7 signal" in shown
    assert "note \u00b7" in shown


def test_the_lists_page_names_titles_sources_and_what_reads_each(read_only):
    table = read_only("adam").get("/lists.json").json["tables"]["lists"]
    rows = {row["list"]: row for row in table}
    un = rows["UN Security Council list"]
    assert (un["use"], un["retrieved"]) == ("parties are screened against its names", "2026-11-23")
    assert un["review"] == "4 rows of the source; no name is missing"
    assert rows["UFLPA Entity List"]["review"] == "4 rows of the source; names may be missing"
    assert rows["OFAC SDN list"]["source"].endswith(" and 3 files more")


def test_the_lists_page_leads_to_the_rows_that_wait(read_only):
    browser = read_only("adam")
    links = tree(browser.get("/lists")).xpath("//tbody//a[contains(@href, '/review')]/@href")
    assert "/lists/us-uflpa/review" in links
    rows = browser.get("/lists/us-uflpa/review.json").json["tables"]["review"]
    assert len(rows) == 4
    assert {(row["state"], row["lost"]) for row in rows} == {("waits", "a name or entry")}
    assert any("subsidiaries" in row["raw"] for row in rows)
    assert browser.get("/lists/us-uflpa/review.csv").get_data(as_text=True).startswith("Lost,State,Entry,")
    assert browser.get("/lists/nowhere/review").status_code == 404
