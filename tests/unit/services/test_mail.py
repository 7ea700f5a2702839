"""Sending mail: encrypted or to this machine, with a login from a file, and given up when the server is slow."""

from email.message import EmailMessage

import pytest

from tests.fake_receivers import mail_server, server_context, trusted_context
from traceability.errors import InvalidInput
from traceability.services import mail
from traceability.services.mail import MailServer, NoServer, NotSent, read_address, read_mail_server

TO = "anna@importer.example"


def message():
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "service@trace.example", TO, "Old lists"
    made.set_content("Läsen\n.a line that begins with a dot\n")
    return made


def server(box, **chosen):
    given = {"host": "localhost", "encrypted": False, "user": None, "password": None, **chosen}
    return MailServer(port=box.port, sender="service@trace.example", **given)


def test_a_message_arrives_whole():
    with mail_server() as box:
        server(box).send(message(), TO)
    assert box.taken[0]["Subject"] == "Old lists"
    assert box.taken[0].get_payload(decode=True).decode() == "Läsen\r\n.a line that begins with a dot\r\n"
    assert "rcpt TO:<anna@importer.example>" in box.heard


@pytest.mark.parametrize("encrypted", [True, False])
def test_it_logs_in_over_an_encrypted_connection(encrypted, tmp_path, monkeypatch):
    context = trusted_context(tmp_path, monkeypatch)
    monkeypatch.setattr(mail, "_is_here", lambda _: False)  # as if it were another machine
    with mail_server(**{"at_once" if encrypted else "starttls": context}) as box:
        server(box, encrypted=encrypted, user="post", password="se cret").send(message(), TO)
    assert box.encrypted == [True]
    assert box.login == b"\0post\0se cret"


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_certificate_nobody_vouches_for_gets_neither_password_nor_message(encrypted, tmp_path, monkeypatch):
    context, _ = server_context(tmp_path)
    monkeypatch.setattr(mail, "_is_here", lambda _: False)
    with mail_server(**{"at_once" if encrypted else "starttls": context}) as box:
        with pytest.raises(NoServer, match="certificate"):
            server(box, encrypted=encrypted, user="post", password="secret").send(message(), TO)
        assert box.taken == []
        assert not any(line.startswith("AUTH") for line in box.heard)


def test_another_machine_is_not_talked_to_unencrypted(monkeypatch):
    monkeypatch.setattr(mail, "_is_here", lambda _: False)
    with mail_server() as box:
        with pytest.raises(NoServer, match="offers no STARTTLS"):
            server(box, user="post", password="secret").send(message(), TO)
        assert box.taken == []


@pytest.mark.parametrize(
    ("answers", "kind", "words"),
    [
        ({"RCPT": "550 no such box"}, NotSent, "550 no such box"),
        ({"MAIL": "451 later"}, NotSent, "451 later"),
        ({"taken": "552 too large"}, NotSent, "552 too large"),
        ({"DATA": "421 going down"}, NotSent, "421 going down"),
        ({"AUTH": "535 who are you"}, NoServer, "does not know the user or the password"),
        ({"EHLO": "500 what", "HELO": "500 what"}, NoServer, "does not answer as a mail server"),
    ],
)
def test_what_it_refuses_is_told(answers, kind, words):
    with mail_server(answers=answers) as box, pytest.raises(NotSent, match=words) as told:
        server(box, user="post", password="hidden").send(message(), TO)
    assert type(told.value) is kind
    assert "hidden" not in told.value.detail


def test_one_that_is_gone_and_one_that_says_nothing():
    with mail_server() as box:
        gone = server(box)
    with pytest.raises(NoServer, match="does not answer"):
        gone.send(message(), TO)
    with mail_server(silent=True) as box, pytest.raises(NoServer):
        server(box, seconds=0.3).send(message(), TO)


def test_the_password_is_not_in_what_is_printed():
    assert "hidden" not in repr(MailServer("h", 25, encrypted=False, sender="a@b.example", user="u", password="hidden"))


def test_settings(make_settings, tmp_path):
    word = tmp_path / "word"
    word.write_text("pass word\n")
    named = {"smtp_password_file": word, "mail_from": "service@trace.example"}
    found = read_mail_server(make_settings("sqlite:///x.db", smtp_url="smtps://post%40office@mail.example", **named))
    assert (found.host, found.port, found.encrypted) == ("mail.example", 465, True)
    assert (found.user, found.password) == ("post@office", "pass word")
    assert read_mail_server(make_settings("sqlite:///x.db")) is None


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"smtp_url": "http://mail.example"}, "SMTP_URL: expected smtp://USER@HOST:PORT"),
        ({"smtp_url": "smtp://me:hidden@mail.example"}, "SMTP_URL: expected smtp://USER@HOST:PORT"),
        ({"smtp_url": "smtp://mail.example:99999"}, "SMTP_URL: expected smtp://USER@HOST:PORT"),
        ({"smtp_url": "smtp://mail.example/x"}, "SMTP_URL: expected smtp://USER@HOST:PORT"),
        ({"smtp_url": "smtp://mail.example"}, "MAIL_FROM: expected an address"),
        ({"smtp_url": "smtp://mail.example", "mail_from": "nobody"}, "MAIL_FROM: expected an address"),
        (
            {"smtp_url": "smtp://me@mail.example", "mail_from": "a@b.example"},
            "SMTP_PASSWORD_FILE: expected with a user",
        ),
        ({"mail_from": "a@b.example"}, "SMTP_URL: expected the mail server's address"),
    ],
)
def test_settings_that_cannot_be_used(chosen, words, make_settings):
    with pytest.raises(InvalidInput, match=words) as told:
        read_mail_server(make_settings("sqlite:///x.db", **chosen))
    assert "hidden" not in told.value.detail


@pytest.mark.parametrize("text", ["anna@importer.example", " a.b+c@d-e.example ", "x@y"])
def test_addresses(text):
    assert read_address(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "anna", "anna@", "@x.example", "a b@x.example", "a@x.example\nBcc: b@x.example", "a@b@c.example", "a..b@x.example",
     ".a@x.example", "a.@x.example", "a@.example", "a@x..example", "ä@x.example", "<a@x.example>", "a@x.example,b@x.example",
     "a" * 65 + "@x.example", "a@" + "x" * 260, "a@-x.example", "\x00@x.example"],
)  # fmt: skip
def test_what_is_no_address(text):
    with pytest.raises(InvalidInput, match=r"expected an address such as officer@importer\.example"):
        read_address(text)
