"""Reminders by mail and webhook: one message a person and day, each attempt on record, and failures in nobody's way."""

import base64
import json
import threading
import time
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.fake_receivers import mail_server, receiver
from tests.integration.services.conftest import extraction, listed
from traceability.services import reminding
from traceability.services.mail import read_mail_server
from traceability.services.reminding import Round, follow_reminders, remind
from traceability.services.users import set_email
from traceability.services.webhook import read_webhook
from traceability.storage.tables import ListReminder

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def told(world, make_user, tmp_path):
    """A world with an old list, an admin with an address, and what sends: ``told(mail=, hook=)`` is a round."""
    root = make_user("admin", name="root").actor
    set_email(world.service, root, "root", "root@trace.example")
    old(world)
    secret = tmp_path / "secret"
    secret.write_text(SECRET)

    def make(mail=None, hook=None):
        named = {"smtp_url": f"smtp://localhost:{mail}", "mail_from": "service@trace.example"} if mail else {}
        named |= {"webhook_url": f"http://127.0.0.1:{hook}/hook", "webhook_secret_file": secret} if hook else {}
        for name, value in named.items():
            object.__setattr__(world.service.settings, name, value)
        return Round(read_mail_server(world.service.settings), read_webhook(world.service.settings))

    return make


def old(world, published="2026-11-01", days=10, list_id="un-sc"):
    world.load(list_id, listed("UN.1", f"Nobody On {published} Inc"), published=published, max_age_days=days)


def rows(world, channel):
    return [row for row in world.rows(ListReminder) if row.channel == channel]


def test_one_mail_a_day_names_every_list_and_what_to_do(world, clock, told):
    old(world, list_id="us-uflpa", published="2026-10-01", days=30)
    with mail_server() as box:
        state = told(mail=box.port)
        for _ in range(3):
            remind(world.service, state)
            clock.advance(hours=7)
        assert len(box.taken) == 1
        clock.advance(hours=4)
        remind(world.service, state)
        assert len(box.taken) == 2, "a day later again, as nobody has loaded it"
    first, second = box.taken
    assert (first["To"], first["From"]) == ("root@trace.example", "service@trace.example")
    assert first["Subject"] == "traceability: 2 risk lists are past their maximum age"
    assert first["Message-ID"] != second["Message-ID"]
    text = first.get_payload(decode=True).decode()
    assert "- UFLPA Entity List is 53 days old, at most 30: finding nothing in it means little." in text
    assert "`traceability lists fetch un-sc us-uflpa --out BUNDLE.zip`" in text
    assert "http://127.0.0.1:8080/lists" in text
    assert [(row.outcome, len(row.attempts)) for row in rows(world, "email")] == [("sent", 2)] * 2


def test_what_is_only_due_is_said_once_a_week(world, clock, told):
    old(world, published="2026-11-14", days=100)
    old(world, published="2026-09-02", days=100, list_id="us-uflpa")  # 82 days
    with mail_server() as box:
        state = told(mail=box.port)
        for _ in range(15):
            remind(world.service, state)
            clock.advance(days=1)
    assert [one["Subject"] for one in box.taken] == ["traceability: 1 risk list is close to its maximum age"] * 3


def test_a_load_ends_it_and_another_old_version_does_not_begin_it_anew_the_same_day(world, clock, told):
    with mail_server() as box:
        state = told(mail=box.port)
        remind(world.service, state)
        old(world, published="2026-11-05")
        clock.advance(hours=1)
        remind(world.service, state)
        assert len(box.taken) == 1
        old(world, published="2026-11-23")
        clock.advance(days=1)
        remind(world.service, state)
        assert len(box.taken) == 1
    assert all(row.ended_at for row in world.rows(ListReminder))


def test_a_webhook_gets_what_a_mail_says_as_json(world, told):
    with receiver() as found:
        remind(world.service, told(hook=found.port))
    ((headers, body),) = found.heard
    said = json.loads(body)
    assert headers["webhook-id"].startswith("msg_")
    assert (said["type"], said["data"]["user"], said["data"]["role"]) == ("lists.old", "root", "admin")
    assert [(one["list_id"], one["level"], one["age_days"]) for one in said["data"]["lists"]] == [
        ("un-sc", "overdue", 22)
    ]
    assert rows(world, "webhook")[0].outcome == "sent"


def test_failures_are_on_record_tried_again_later_and_end_with_the_first_success(world, clock, told):
    with receiver(status=500, body=b"broken") as found:
        state = told(hook=found.port)
        waited = []
        for _ in range(200):
            before = len(found.heard)
            remind(world.service, state)
            if len(found.heard) > before:
                waited.append(clock())
            clock.advance(minutes=5)
        assert 4 <= len(waited) <= 12, "sooner at first, later and later, at most six hours"
        gaps = [later - earlier for earlier, later in pairwise(waited)]
        assert gaps == sorted(gaps)
        assert gaps[-1] <= timedelta(hours=6, minutes=5)
        row = rows(world, "webhook")[0]
        assert row.outcome == f"failed: http://127.0.0.1:{found.port}/hook answered 500: broken"
        assert (row.failures, row.sent_at, len(row.attempts)) == (len(waited), None, len(waited))
        found.status = 200
        clock.advance(hours=6)
        remind(world.service, state)
    row = rows(world, "webhook")[0]
    assert (row.failures, row.outcome, row.sent_at) == (0, "sent", clock())


def test_where_nobody_answers_one_call_is_enough(world, make_user, told, monkeypatch):
    for number in range(5):
        make_user("admin", name=f"admin-{number}")
    with receiver() as found:
        state = told(hook=found.port)
    calls = []
    real = reminding._send
    monkeypatch.setattr(reminding, "_send", lambda *args: (calls.append(1), real(*args)))
    remind(world.service, state)
    assert len(calls) == 1
    remind(world.service, state)
    assert len(calls) == 1, "the others wait with it"
    assert sorted(row.outcome[:6] for row in rows(world, "webhook")) == ["failed", *["waits "] * 5]


def test_one_recipient_who_is_refused_does_not_keep_the_next_from_its_mail(world, make_user, told):
    zoe = make_user("admin", name="zoe").actor
    set_email(world.service, zoe, "zoe", "zoe@trace.example")
    with mail_server(answers={"taken": "552 too large"}) as box:
        remind(world.service, told(mail=box.port))
    assert len(box.taken) == 2
    assert all(
        row.outcome.startswith("failed: localhost did not take the message: 552") for row in rows(world, "email")
    )


def test_a_slow_receiver_blocks_no_capture(world, told):
    going, done = threading.Event(), threading.Event()
    with receiver(before=lambda: (going.set(), done.wait(60))) as found:
        state = told(hook=found.port)
        thread = threading.Thread(target=remind, args=(world.service, state))
        thread.start()
        assert going.wait(20)
        world.capture(world.mine, extraction(world.mine, "https://mine.example/lot/9"))
        assert thread.is_alive(), "it was captured while the receiver took its time"
        done.set()
        thread.join()
    assert rows(world, "webhook")[0].outcome == "sent"


def test_two_processes_send_one_message(world, told):
    with receiver(before=lambda: time.sleep(0.2)) as found:
        states = [told(hook=found.port) for _ in range(4)]
        threads = [threading.Thread(target=remind, args=(world.service, state)) for state in states]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found.heard) == 1


def test_a_process_that_died_while_sending_sends_no_second_one_that_day(world, clock, told, monkeypatch):
    with receiver() as found:
        state = told(hook=found.port)
        with monkeypatch.context() as patch:
            patch.setattr(reminding, "_keep", lambda *_: (_ for _ in ()).throw(MemoryError))
            with pytest.raises(MemoryError):
                remind(world.service, state)
        remind(world.service, Round(webhook=state.webhook))
        assert len(found.heard) == 1
        assert rows(world, "webhook")[0].outcome == "being sent"
        clock.advance(days=1)
        remind(world.service, Round(webhook=state.webhook))
        assert len(found.heard) == 2


def test_whatever_fails_the_thread_goes_on_until_it_is_stopped(world, told, monkeypatch):
    told()
    monkeypatch.setattr(reminding, "_LOOK_SECONDS", 0.01)
    stop, calls = threading.Event(), []

    def failing(*_):
        calls.append(1)
        if len(calls) == 3:
            stop.set()
        raise OSError("no more files")

    monkeypatch.setattr(reminding, "remind", failing)
    follow_reminders(world.service, stop)
    assert len(calls) == 3


def test_an_account_without_address_is_reminded_on_its_pages_alone(world, make_user, told):
    make_user("admin", name="zoe")
    with mail_server() as box:
        remind(world.service, told(mail=box.port))
    assert [one["To"] for one in box.taken] == ["root@trace.example"]
    assert len(rows(world, "page")) == 2
