import pytest

from traceability.lists.fold import tokens
from traceability.lists.orgforms import default_forms, read_forms

FORMS = default_forms()


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("Xinjiang Zhonghe Co., Ltd.", "xinjiang zhonghe"),
        ("Xinjiang Zhonghe Company Limited", "xinjiang zhonghe"),
        ("Siemens Aktiengesellschaft", "siemens"),
        ("Open Joint Stock Company Gazprom", "gazprom"),
        ("OAO Gazprom", "gazprom"),
        ("China Cotton Co., Ltd., Xinye Branch", "china cotton xinye branch"),
        ("AS Tallink Grupp", "as tallink grupp"),
        ("Casa de Oro S.A. de C.V.", "casa de oro"),
    ],
)
def test_legal_forms_are_set_aside(name, core):
    assert " ".join(FORMS.split(tokens(name)).core) == core


def test_a_name_of_nothing_but_legal_forms_stays_whole():
    split = FORMS.split(("company", "limited"))
    assert split.core == ("company", "limited")
    assert split.forms == ()


def test_equal_forms_have_one_spelling():
    spelt = {FORMS.split(tokens(name)).forms for name in ("A Co., Ltd.", "A Company Limited", "A Co. Limited")}
    assert spelt == {("coltd",)}
    assert FORMS.split(tokens("A Ltd")).forms == FORMS.split(tokens("A Limited")).forms


def test_different_forms_differ():
    assert FORMS.split(tokens("Deutsche Bank AG")).forms != FORMS.split(tokens("Deutsche Bank GmbH")).forms


def test_an_empty_table_sets_nothing_aside(tmp_path):
    path = tmp_path / "forms.csv"
    path.write_text("form,canonical\n", encoding="utf-8")
    assert read_forms(path).split(("a", "ltd")).core == ("a", "ltd")
