from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.errors import InvalidQuery
from traceability.events.filters import EventQuery, parse_query


def test_no_parameter_restricts_nothing() -> None:
    assert parse_query({}) == EventQuery(per_page=30)


def test_every_parameter_finds_its_field() -> None:
    query = parse_query(
        {
            "eventType": "ObjectEvent|TransformationEvent",
            "MATCH_anyEPC": "urn:epc:id:sgtin:4012345.011111.9876|https://id.mine.example/bag/1",
            "MATCH_anyEPCClass": "HTTPS://id.mine.example/lot/1",
            "bizStep": "shipping|https://ref.gs1.org/cbv/BizStep-receiving|crm:own",
            "GE_eventTime": "2026-02-01T09:00:00+02:00",
            "LT_eventTime": "2026-03-01T00:00:00Z",
            "perPage": "100",
            "nextPageToken": "opaque|token",
        }
    )
    assert query == EventQuery(
        event_types=("ObjectEvent", "TransformationEvent"),
        epcs=("https://id.gs1.org/01/04012345111118/21/9876", "https://id.mine.example/bag/1"),
        epc_classes=("https://id.mine.example/lot/1",),
        biz_steps=("shipping", "receiving", "crm:own"),
        from_time=datetime(2026, 2, 1, 7, tzinfo=UTC),
        before_time=datetime(2026, 3, 1, tzinfo=UTC),
        per_page=100,
        next_page_token="opaque|token",
    )


@pytest.mark.parametrize(("text", "size"), [("1", 1), ("100", 100), ("101", 100), ("999999999", 100), ("007", 7)])
def test_pages_have_at_most_a_hundred(text: str, size: int) -> None:
    assert parse_query({"perPage": text}).per_page == size


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"GE_eventDate": "2026"}, "unknown query parameter 'GE_eventDate'"),
        ({"x" * 500: ""}, "unknown query parameter"),
        ({"eventType": "Event"}, "expected AggregationEvent"),
        ({"eventType": ""}, "none of them empty"),
        ({"MATCH_anyEPC": "a:b||a:c"}, "none of them empty"),
        ({"MATCH_anyEPC": "|".join(["a:b"] * 101)}, "1 to 100"),
        ({"MATCH_anyEPCClass": "LOT-1"}, "expected URIs, got 'LOT-1'"),
        ({"MATCH_anyEPC": "urn:epc:idpat:sgtin:4012345.066666.*"}, "patterns are not answered"),
        ({"bizStep": "extracting"}, "CBV 2.0 business steps"),
        ({"bizStep": "shipping", "EQ_bizStep": "shipping"}, "repeats another parameter"),
        ({"GE_eventTime": "2026-02-01"}, "with its zone"),
        ({"LT_eventTime": "2026-02-01T09:00:00 02:00"}, "%2B"),
        ({"LT_eventTime": "9999-12-31T23:59:59-02:00"}, "between the years"),
        ({"perPage": "0"}, "from 1 to 999999999"),
        ({"perPage": "-1"}, "from 1 to 999999999"),
        ({"perPage": "\u0663"}, "from 1 to 999999999"),
        ({"perPage": "1" * 5000}, "from 1 to 999999999"),
        ({"nextPageToken": ""}, "token"),
        ({"nextPageToken": "x" * 2049}, "token"),
    ],
)
def test_what_cannot_be_used_is_said(args: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse_query(args)
    assert said in caught.value.detail
    assert len(caught.value.detail) < 300


NAMES = [
    "eventType",
    "MATCH_anyEPC",
    "MATCH_anyEPCClass",
    "EQ_bizStep",
    "GE_eventTime",
    "LT_eventTime",
    "perPage",
    "nextPageToken",
]


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20)))
def test_any_text_gives_a_query_or_an_invalid_query(args: dict[str, str]) -> None:
    try:
        query = parse_query(args)
    except InvalidQuery:
        return
    assert 1 <= query.per_page <= 100
