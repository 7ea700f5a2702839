"""Webhooks (fault 32): who forges, changes or replays a message is found out by what a receiver checks."""

import base64
import hashlib
import hmac
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fake_receivers import receiver
from traceability.errors import InvalidInput
from traceability.services.outgoing import NotReached
from traceability.services.webhook import NotTaken, read_webhook, signature

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECRET = bytes(range(32))


@pytest.fixture
def hook(make_settings, tmp_path):
    """``hook(url)`` is the webhook of settings that name this address."""
    path = tmp_path / "secret"
    path.write_text(f"whsec_{base64.b64encode(SECRET).decode()}\n")
    return lambda url, **more: read_webhook(
        make_settings("sqlite:///x.db", **{"webhook_url": url, "webhook_secret_file": path, **more})
    )


class Taker:
    """What the specification asks of a receiver, written from it: signature, time, and each id once."""

    def __init__(self, secret=SECRET):
        self.secret, self.seen = secret, set()

    def takes(self, headers, body, now):
        name, at = headers["webhook-id"], headers["webhook-timestamp"]
        signed = f"{name}.{at}.".encode() + body
        own = "v1," + base64.b64encode(hmac.new(self.secret, signed, hashlib.sha256).digest()).decode()
        good = any(hmac.compare_digest(own, one) for one in headers["webhook-signature"].split(" "))
        fresh = abs(now.timestamp() - int(at)) <= 300
        new = name not in self.seen
        if good and fresh and new:
            self.seen.add(name)
        return good and fresh and new


def test_the_example_of_the_specification():
    """Standard Webhooks, "Signature scheme": its secret, id, timestamp and payload."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    told = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_forged_changed_or_replayed_message_is_not_taken(hook):
    with receiver() as found:
        hook(found.url).post("msg_1", AT, b'{"type": "lists.old"}')
        hook(found.url).post("msg_1", AT, b'{"type": "lists.old"}')
    (headers, body), (again, same) = found.heard
    taker = Taker()
    assert not taker.takes(headers, body + b" ", AT), "changed"
    assert not taker.takes({**headers, "webhook-id": "msg_2"}, body, AT), "under another id"
    moved = str(int(headers["webhook-timestamp"]) + 600)
    assert not taker.takes({**headers, "webhook-timestamp": moved}, body, AT + timedelta(minutes=10)), "made younger"
    assert not taker.takes(headers, body, AT + timedelta(minutes=10)), "replayed later"
    assert not Taker(b"another secret of some length").takes(headers, body, AT), "forged"
    assert taker.takes(headers, body, AT)
    assert not taker.takes(again, same, AT), "replayed at once"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500, 503])
def test_another_answer_than_success_is_not_taken_and_no_redirect_followed(status, hook):
    with receiver() as other, receiver(status=status, headers={"Location": other.url}, body=b"no") as found:
        with pytest.raises(NotTaken, match=f"answered {status}: no"):
            hook(found.url).post("msg_1", AT, b"{}")
        assert len(found.heard) == 1
        assert other.heard == []


def test_one_that_is_gone_slow_or_never_ends(hook):
    with receiver() as found:
        gone = hook(found.url)
    with pytest.raises(NotReached):
        gone.post("msg_1", AT, b"{}")
    with receiver(before=lambda: time.sleep(1)) as found:
        made = hook(found.url)
        slow = replace(made, call=replace(made.call, seconds=0.2))
        with pytest.raises(NotReached, match=r"within 0\.2 s"):
            slow.post("msg_1", AT, b"{}")
    with receiver(status=200, body=b"x" * 100_000) as found, pytest.raises(NotReached, match="more than 4000 bytes"):
        hook(found.url).post("msg_1", AT, b"{}")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hook.example/x", "expected https"),
        ("http://10.0.0.1/x", "expected https"),
        ("ftp://hook.example/x", "expected an address"),
        ("https://me:word@hook.example/x", "expected an address"),
        ("https://", "expected an address"),
    ],
)
@pytest.mark.parametrize("private", [False, True])
def test_addresses_that_are_not_posted_to(url, words, private, hook):
    with pytest.raises(InvalidInput, match=f"TRACEABILITY_WEBHOOK_URL: {words}"):
        hook(url, private_addresses=private)


def test_a_name_that_leads_inside_is_not_posted_to(hook):
    made = hook("https://hook.example/x")
    inside = replace(made.call, resolve=lambda *_a, **_n: [(2, 1, 6, "", ("169.254.169.254", 443))])
    with pytest.raises(NotReached, match="no public address"):
        replace(made, call=inside).post("msg_1", AT, b"{}")


@pytest.mark.parametrize("text", ["", "whsec_", "secret", "whsec_" + base64.b64encode(b"short").decode(), "whsec_%%%%",
                                  "whsec_" + base64.b64encode(b"x" * 65).decode(), "whsec_\xff", "whsec_abcde"])  # fmt: skip
def test_a_secret_that_cannot_be_used_is_not_repeated(text, hook, tmp_path):
    path = tmp_path / "other"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InvalidInput, match="WEBHOOK_SECRET_FILE: expected a file with whsec_") as told:
        hook("https://hook.example/x", webhook_secret_file=path)
    assert len(text) < 7 or text not in told.value.detail
    with pytest.raises(InvalidInput, match="cannot be read"):
        hook("https://hook.example/x", webhook_secret_file=tmp_path / "nowhere")


def test_address_and_secret_go_together(hook):
    assert hook(None, webhook_secret_file=None) is None
    for chosen in ({"webhook_url": None}, {"webhook_secret_file": None}):
        with pytest.raises(InvalidInput, match="expected together with"):
            hook(**{"url": "https://hook.example/x", **chosen})


def test_the_secret_is_not_in_what_is_printed(hook):
    assert str(SECRET) not in repr(hook("https://hook.example/x"))
