"""Phone numbers and addresses in their standard form, or with what is wrong with them."""

import pytest

from rasa_handoff.core.package import Detail
from rasa_handoff.normalising import normaliser


@pytest.mark.parametrize(
    ("kind", "value", "region", "normal"),
    [
        ("phone", "+44 (0)20 7946 0958", None, "+44 20 7946 0958"),
        ("phone", "030 901820", "DE", "+49 30 901820"),
        ("phone", "030 901820", None, None),
        ("email", "Ann.Lee@EXAMPLE.com", None, "Ann.Lee@example.com"),
        ("order_id", "123", "DE", None),
    ],
)
def test_a_detail_gets_its_standard_form(kind: str, value: str, region: str | None, normal: str | None):
    detail = normaliser(region)(Detail(kind, value, 1))
    assert (detail.value, detail.normal, detail.problem) == (value, normal, None)


@pytest.mark.parametrize(("kind", "value"), [("phone", "+1 555 123"), ("phone", "12"), ("email", "ann@example..com")])
def test_what_cannot_be_right_is_said(kind: str, value: str):
    detail = normaliser("US")(Detail(kind, value, 1))
    assert detail.normal is None
    assert detail.problem
