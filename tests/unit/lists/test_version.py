import re

from traceability.lists.version import MATCHER_VERSION


def test_the_version_names_rules_and_tables():
    assert re.fullmatch(r"fuzzy/[0-9]+\+[0-9a-f]{8}", MATCHER_VERSION)
