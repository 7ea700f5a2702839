"""Requests and contests by mail and webhook: each moment once for each person, retried until it went, and on record."""

import base64
import json
from datetime import date, timedelta

import pytest

from tests.fake_receivers import mail_server, receiver
from traceability.services import case_reminders, cases, contests, reminding, requests
from traceability.services.contest_forms import own_record
from traceability.services.context import new_id
from traceability.services.mail import read_mail_server
from traceability.services.reminding import SORTS, Round, remind
from traceability.services.request_forms import record_of
from traceability.services.requests import Answer
from traceability.services.users import set_email
from traceability.services.webhook import read_webhook
from traceability.storage.tables import CaseReminder

LOT = "https://mine.example/lot/1"
QUESTION = "Which pit was it dug in, and who guards the road?"
SECRETS = (QUESTION, "north pit", "A2-5", LOT, "mistaken", "did:web", "anna", "un-sc")


@pytest.fixture
def parties(world, make_user):
    """A mine and an importer with a person each, who has an address; another officer asks."""
    for party, role, name in (
        (world.mine, "supplier", "sam"), (world.importer, "officer", "bert"),
    ):  # fmt: skip
        actor = make_user(role, party=party, name=name).actor
        set_email(world.service, actor, name, f"{name}@trace.example")
    return world


def sending(world, tmp_path, mail, hook):
    secret = tmp_path / "secret"
    secret.write_text("whsec_" + base64.b64encode(bytes(range(32))).decode())
    for name, value in {
        "smtp_url": f"smtp://localhost:{mail}", "mail_from": "service@trace.example",
        "webhook_url": f"http://127.0.0.1:{hook}/hook", "webhook_secret_file": secret,
    }.items():  # fmt: skip
        object.__setattr__(world.service.settings, name, value)
    return Round(read_mail_server(world.service.settings), read_webhook(world.service.settings))


def opened(world, by, record_in):
    """Record the first version of a case, as its service does once it has found that the one sees the other."""

    def change(tx):
        record, kind = record_in(tx)
        return cases.append(world.service, tx, by, kind, new_id(), record, None, world.mine.id, world.importer.id)

    return world.service.store.write(change)


def ask(world):
    said = {
        "addressee": world.mine.did, "about": [{"kind": "batch", "id": LOT}], "question": QUESTION, "finding": "A2-5",
        "fields_wanted": [], "papers_wanted": [], "due_on": date(2026, 12, 20),
    }  # fmt: skip
    return opened(world, world.officer(), lambda tx: (record_of(said, world.importer.did, tx.now.date()), "request"))


def contest(world):
    before = own_record({"did": world.mine.did, "name": "Mine"}, "Importer")

    def record(tx):
        said = contests.contested_record(world.service, tx, before, world.mine.did, "You are mistaken.", [])
        return said, "contest"

    return opened(world, world.mine.actor("supplier"), record)


def to_day(clock, day):
    clock.advance(days=(day - clock().date()).days)


def told(body):
    return sorted((one["kind"], one["moment"]) for one in json.loads(body)["data"]["cases"])


def test_each_moment_is_told_once_and_what_failed_is_tried_again_and_on_record(parties, clock, tmp_path):
    with mail_server() as box, receiver(status=500, body=b"broken") as hook:
        state = sending(parties, tmp_path, box.port, hook.port)

        def passes():
            """Look now, and once more hours after; return to whom mail went."""
            before = len(box.taken)
            for _ in range(2):
                remind(parties.service, state)
                clock.advance(hours=2)
            return sorted(one["To"].partition("@")[0] for one in box.taken[before:])

        row = ask(parties)
        remind(parties.service, state)
        hook.status = 204
        assert [one["To"] for one in box.taken] == ["sam@trace.example"]
        (failed,) = [one for one in parties.rows(CaseReminder) if one.channel == "webhook"]
        assert failed.outcome == f"failed: {hook.url} answered 500: broken"
        assert (failed.failures, failed.sent_at, failed.next_at) == (1, None, clock() + timedelta(minutes=2))
        clock.advance(minutes=2)
        assert passes() == [], "the mail had gone"
        (sent,) = [one for one in parties.rows(CaseReminder) if one.channel == "webhook"]
        assert [one["outcome"] for one in sent.attempts] == [failed.outcome, "sent"]
        assert sent.ended_at == sent.sent_at
        to_day(clock, date(2026, 12, 13))
        assert passes() == ["bert", "sam"], "a week before its day"
        to_day(clock, date(2026, 12, 21))
        assert passes() == ["bert", "sam"], "past it"
        said = {"based_on": 1, "text": "In the north pit.", "fields_given": [], "documents": []}
        requests.answer(parties.service, parties.mine.actor("supplier"), row.case_id, Answer(said))
        contest(parties)
        assert passes() == ["bert"], "the answer and the contest, in one message"
    both = [("contest", "opened"), ("request", "answered")]
    heard = [told(body) for _, body in hook.heard]
    assert heard == [
        *[[("request", "opened")]] * 2, *[[("request", "due")]] * 2, *[[("request", "overdue")]] * 2, both,
    ]  # fmt: skip
    texts = [one.get_payload(decode=True).decode() for one in box.taken] + [body.decode() for _, body in hook.heard]
    assert not [secret for secret in SECRETS for text in texts if secret in text]
    assert f"http://127.0.0.1:8080/requests/{row.case_id}" in texts[0]
    assert all(one.outcome == "sent" for one in parties.rows(CaseReminder))


def test_what_is_done_before_it_went_is_not_said_and_a_channel_that_was_away_begins_anew(parties, clock, tmp_path):
    with mail_server() as box, receiver(status=503) as hook:
        state = sending(parties, tmp_path, box.port, hook.port)
        row = ask(parties)
        remind(parties.service, state)
        object.__setattr__(parties.service.settings, "webhook_url", None)
        clock.advance(hours=2)
        remind(parties.service, state)
        (ended,) = [one for one in parties.rows(CaseReminder) if one.channel == "webhook"]
        assert (ended.sent_at, ended.ended_at) == (None, clock())
        object.__setattr__(parties.service.settings, "webhook_url", hook.url)
        clock.advance(hours=2)
        hook.status = 204
        remind(parties.service, state)
        assert told(hook.heard[-1][1]) == [("request", "opened")]
        requests.withdraw(parties.service, parties.officer(), row.case_id, 1, "The lot goes back to the mine today.")
        other = ask(parties)
        case_reminders.follow(parties.service)
        requests.withdraw(parties.service, parties.officer(), other.case_id, 1, "The lot goes back to the mine today.")
        heard = len(hook.heard)
        reminding._send_all(parties.service, state, SORTS[1], "webhook", lambda: False)
        (late,) = [
            one for one in parties.rows(CaseReminder) if one.channel == "webhook" and one.case_id == other.case_id
        ]
        assert (late.sent_at, late.outcome) == (None, "not needed any more: it was done meanwhile")
        to_day(clock, date(2026, 12, 22))
        remind(parties.service, state)
        assert (len(hook.heard), len(box.taken)) == (heard, 1)
