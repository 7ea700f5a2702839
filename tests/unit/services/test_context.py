"""What a service holds of the machine ends with it."""

import pytest

from traceability.services.context import open_service


@pytest.mark.usefixtures("own_children")
def test_the_children_that_read_documents_end_with_the_service(make_database, make_settings):
    service = open_service(make_settings(make_database("sqlite")))
    assert service.sandbox is service.sandbox
    child = service.sandbox._all[0]["parse"]
    child.ask({"name": "a.txt"}, b"x")
    process = child._process
    assert process.poll() is None
    service.close()
    assert process.poll() is not None, "it would outlive the service that started it"


def test_services_of_the_tests_share_them(sqlite_service, make_database, make_settings, open_at, clock):
    other = open_at(make_settings(make_database("sqlite")), clock)
    assert other.sandbox is sqlite_service.sandbox
