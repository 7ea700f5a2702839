from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import class_mapper
from sqlmodel import SQLModel

from traceability.errors import Unprocessable
from traceability.storage import tables
from traceability.storage.bounds import check_texts, text_bounds
from traceability.storage.tables import LegalHold

MODELS = [getattr(tables, name) for name in tables.__all__]
BOUNDED = [(model, name, most) for model in MODELS for name, most in text_bounds(model.__table__) if most is not None]


def hold(**given):
    at = datetime(2026, 11, 25, tzinfo=UTC)
    said = {"id": "h-1", "kind": "all", "target": "", "reason": "why it is kept", "placed_by": "anna", "placed_at": at}
    return LegalHold(**said | given)


def test_every_model_is_known_and_most_texts_are_bounded():
    assert {model.__table__ for model in MODELS} == set(SQLModel.metadata.tables.values())
    assert len(BOUNDED) > 100


@pytest.mark.parametrize(("model", "name", "most"), BOUNDED, ids=[f"{m.__name__}.{n}" for m, n, _ in BOUNDED])
def test_a_longer_text_is_refused_by_its_name(model, name, most):
    mapper = class_mapper(model)
    check_texts(mapper, None, model(**{name: "é" * most}))
    with pytest.raises(Unprocessable, match=f"{name}: expected at most {most} characters; got {most + 1}"):
        check_texts(mapper, None, model(**{name: "é" * (most + 1)}))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": "x" * 2001}, "reason: expected at most 2000 characters; got 2001"),
        ({"reason": "a\x00b"}, "reason: .* NUL"),
        ({"placed_by": "\ud800"}, "placed_by: half of a surrogate"),
    ],
)
def test_what_a_database_would_fail_on_is_the_senders_to_mend(service, append, given, said):
    with pytest.raises(Unprocessable, match=said):
        service.store.write(lambda tx: tx.session.add(hold(**given)))
    append(service)
    service.store.write(lambda tx: tx.session.add(hold(reason="\U0001f600" * 2000)))
    with service.store.read() as session:
        (kept,) = session.connection().execute(sa.text("SELECT reason FROM legal_hold")).scalars()
    assert len(kept) == 2000


def test_a_change_is_held_against_the_column_too(service):
    service.store.write(lambda tx: tx.session.add(hold()))

    def change(tx):
        row = tx.session.get_one(LegalHold, "h-1")
        row.lifted_reason = "x" * 2001

    with pytest.raises(Unprocessable, match="lifted_reason"):
        service.store.write(change)
