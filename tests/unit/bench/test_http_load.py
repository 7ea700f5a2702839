"""A load whose answers are lost or refused gives no figure."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.http_load import load


@pytest.fixture
def answering():
    """``answering(status)`` is the address of a server that answers so; None breaks the connection."""
    servers = []

    def start(status):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_each_body_is_posted_once(answering):
    seconds, times = load(answering(202), "secret", [(b"{}", "jws")] * 20, clients=4)
    assert len(times) == 20
    assert times == sorted(times)
    assert seconds > 0


@pytest.mark.parametrize(("status", "told"), [(500, "500"), (409, "409"), (None, "Disconnected")])
def test_an_answer_that_is_none_ends_the_load(answering, status, told):
    with pytest.raises(RuntimeError, match=told):
        load(answering(status), "secret", [(b"{}", "jws")] * 20, clients=4)
