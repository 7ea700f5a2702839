"""What an officer does with plans, grievances and notices at the console, without JavaScript."""

from lxml import html

ABOUT = "party did:web:mine-one.example"
REASON = "The site was visited and the wages were paid."
PLAN = {
    "risk_code": "A2-3", "adopted_on": "2026-01-10", "review_due_on": "2026-02-01", "progress": "on_track",
    "about": ABOUT, "what-1": "an audit of the route", "measure-1": "no checkpoint", "due_on-1": "2026-12-01",
}  # fmt: skip
GRIEVANCE = {
    "kind": "grievance", "channel": "own", "received_on": "2026-01-10", "status": "open", "about": ABOUT,
    "text": "wages were withheld", "reporter": "Aline Uwimana",
}  # fmt: skip
NOTICE = {
    "kind": "CMR remedial_notice", "authority": "BGR", "authority_country": "DE", "issued_on": "2025-12-01",
    "text": "a plan with a timetable",
}  # fmt: skip


def tree(answer):
    return html.fromstring(answer.get_data(as_text=True))


def filled(browser, address):
    """Return the fields of the last form of a page as they stand."""
    form = tree(browser.get(address)).xpath("//main//form[@method='post']")[-1]
    return {key: form.fields[key] for key in form.fields if form.fields[key] is not None}


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


def test_an_officer_records_a_plan_sees_it_overdue_and_reviews_it(reader):
    anna = reader("anna")
    assert "No mitigation plan is kept" in anna.get("/plans").get_data(as_text=True)
    wrong = anna.send("/plans", **PLAN | {"risk_code": "NOPE", "what-1": "typed already"})
    assert wrong.status_code == 400
    page = tree(wrong)
    assert page.xpath("//*[@id='risk_code']/@aria-invalid") == ["true"]
    assert page.xpath("//*[@id='what-1']/@value") == ["typed already"]
    done = anna.send("/plans", **PLAN)
    assert done.status_code == 303, done.get_data(as_text=True)
    address = done.headers["Location"]
    assert is_whole(tree(anna.get(address)))
    later = PLAN | {"review_due_on": "2099-01-01"}
    assert anna.send("/plans", **later).status_code == 303
    rows = anna.get("/plans.json").get_json()["tables"]["plans"]
    assert [row["review"] for row in rows] == ["overdue since 2026-02-01", "2099-01-01"]
    assert [row["asked"] for row in rows] == ["none", "none"]
    fields = filled(anna, address)
    assert (fields["what-1"], fields["about"].strip(), fields["progress"]) == (PLAN["what-1"], ABOUT, "on_track")
    held = {"on": "2026-03-01", "who": "the cooperative", "topic": "the steps"}
    assert anna.send(address, **fields | held | {"review_due_on": "2099-02-01"}).status_code == 303
    stale = anna.send(address, **fields | {"progress": "improved"})
    assert stale.status_code == 409
    assert "changed consultations, review_due_on" in stale.get_data(as_text=True)
    shown = anna.get(f"{address}.json").get_json()
    assert [row["version"] for row in shown["tables"]["versions"]] == ["2", "1"]
    assert shown["record"]["consultations"] == [{"on": "2026-03-01", "who": "the cooperative", "about": "the steps"}]
    assert "the cooperative: the steps" in anna.get(address).get_data(as_text=True)


def test_an_officer_records_a_grievance_and_closes_it_and_no_page_says_who_reported(reader):
    anna = reader("anna")
    done = anna.send("/grievances", **GRIEVANCE)
    assert done.status_code == 303, done.get_data(as_text=True)
    address = done.headers["Location"]
    assert is_whole(tree(anna.get(address)))
    fields = filled(anna, address) | {"status": "closed"}
    refused = anna.send(address, **fields)
    assert refused.status_code == 400
    assert tree(refused).xpath("//*[@id='reason']/@aria-invalid") == ["true"]
    assert anna.send(address, **fields | {"outcome": "remediated", "reason": REASON}).status_code == 303
    pages = [anna.get(one).get_data(as_text=True) for one in (address, f"{address}.json", "/grievances")]
    assert not [page for page in pages if "Aline" in page]
    assert anna.get("/grievances.json").get_json()["tables"]["grievances"][0]["status"] == "closed"


def test_an_importer_reads_and_another_importers_officer_finds_nothing(reader):
    anna = reader("anna")
    addresses = [
        anna.send("/plans", **PLAN).headers["Location"],
        anna.send("/grievances", **GRIEVANCE).headers["Location"],
    ]
    for address in addresses:
        page = tree(reader("ines").get(address))
        assert not page.xpath("//main//form[@method='post']")
        assert reader("rita").get(address).status_code == 404
    assert reader("ines").send("/plans", **PLAN).status_code == 403
    assert reader("rita").get("/plans.json").get_json()["tables"]["plans"] == []
    navigation = tree(anna.get("/plans")).xpath("//nav//a/@href")
    assert {"/plans", "/grievances"} <= set(navigation)


def test_an_officer_records_notices_sees_them_in_the_calendar_and_answers_one(reader):
    anna = reader("anna")
    assert "No notice of an authority is recorded" in anna.get("/notices").get_data(as_text=True)
    wrong = anna.send("/notices", **NOTICE | {"authority_country": "AT"})
    assert (wrong.status_code, tree(wrong).xpath("//*[@id='due_on']/@aria-invalid")) == (400, ["true"])
    german = anna.send("/notices", **NOTICE)
    assert german.status_code == 303, german.get_data(as_text=True)
    address = german.headers["Location"]
    stated = NOTICE | {"kind": "FLR investigation_request", "days": "40", "unit": "working"}
    assert anna.send("/notices", **stated).status_code == 303
    silent = NOTICE | {"authority_country": "AT", "no_deadline": "yes"}
    assert anna.send("/notices", **silent).status_code == 303
    assert is_whole(tree(anna.get("/notices")))
    assert is_whole(tree(anna.get(address)))
    assert "30 calendar days from receipt (MinRohSorgG s. 3(3))" in anna.get(address).get_data(as_text=True)
    calendar = anna.get("/deadlines.json").get_json()
    assert (calendar["overdue"], calendar["unknown"]) == (2, 1)
    shown = [row["due"] for row in calendar["tables"]["deadlines"] if row["kind"] == "notice of an authority"]
    assert shown == ["overdue since 2025-12-31", "overdue since 2026-01-29", "not known"]
    assert "overdue since 2025-12-31" in anna.get("/deadlines.csv").get_data(as_text=True)
    fields = filled(anna, address)
    late = anna.send(address, **fields | {"due_on": "2099-01-01"})
    assert (late.status_code, tree(late).xpath("//*[@id='deadline_reason']/@aria-invalid")) == (400, ["true"])
    answered = {"status": "answered", "answered_on": "2026-01-02", "reason": REASON}
    assert anna.send(address, **fields | answered).status_code == 303
    assert anna.get("/deadlines.json").get_json()["overdue"] == 1
    assert reader("rita").get(address).status_code == 404
    assert not tree(reader("ines").get(address)).xpath("//main//form[@method='post']")


def test_who_reported_a_grievance_is_shown_to_a_purpose_once_and_erased_by_the_dpo(reader):
    anna = reader("anna")
    case_id = anna.send("/grievances", **GRIEVANCE | {"text": "dust in the pit"}).headers["Location"].rpartition("/")[2]
    address = f"/reporters/{case_id}"
    (row,) = [
        one for one in anna.get("/reporters.json").get_json()["tables"]["reporters"] if one["case"] == case_id[:8]
    ]
    assert (row["by"], row["kept"]) == ("anna", "yes")
    opened = anna.get(address)
    assert is_whole(tree(opened))
    assert "Aline" not in opened.get_data(as_text=True) + anna.get(f"{address}.json").get_data(as_text=True)
    assert anna.send(address, purpose="short").status_code == 403
    shown = anna.send(address, purpose="the reporter asks what came of it")
    assert "Aline Uwimana" in shown.get_data(as_text=True)
    assert shown.headers["Cache-Control"] == "no-store"
    assert anna.send(f"{address}/erase", reason=REASON).status_code == 403
    dora = reader("dora")
    assert "the reporter asks what came of it" in dora.get("/access-log.json").get_data(as_text=True)
    assert "Aline Uwimana" in dora.send(address, purpose="a request of the person").get_data(as_text=True)
    assert dora.send(f"{address}/erase", reason="short").status_code == 400
    assert dora.send(f"{address}/erase", reason=REASON).status_code == 303
    assert "erased (ledger entry" in dora.get(address).get_data(as_text=True)
    assert "Aline" not in dora.send(address, purpose="is it really gone now").get_data(as_text=True)
    for stranger in ("ines", "sam"):
        assert reader(stranger).get("/reporters").status_code == 403, stranger
