"""What the reference bot takes for an order number, by the expression in its training data."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

NLU = Path(__file__).parents[2] / "data" / "nlu.yml"


def found(text: str) -> list[str]:
    (examples,) = [
        one["examples"] for one in YAML(typ="safe").load(NLU.read_text())["nlu"] if one.get("regex") == "order_id"
    ]
    return [match[0] for match in re.finditer(examples.removeprefix("- ").strip(), text)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("where is 10482", ["10482"]),
        ("order #10482 please", ["#10482"]),
        ("10482 and 10375", ["10482", "10375"]),
        ("10482, 2 days late", ["10482"]),
        ("10482 2 days late", ["10482"]),
        ("# 0482", ["# 0482"]),
    ],
)
def test_order_numbers_are_found(text: str, numbers: list[str]) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    "phone",
    [
        "+44 7700 900123",
        "07700 900123",
        "555 0142",
        "(555) 0142",
        "(0151) 234 5678",
        "0800 123 4567",
        "1800 555 0199",
        "212 555 1234",
        "+1 (212) 555-1234",
        "030 1234 5678",
        "+49 151 23456789",
        "06 12 34 56 78",
    ],
)
def test_no_part_of_a_phone_number_is_an_order_number(phone: str) -> None:
    assert found(phone) == []
    assert found(f"call me on {phone}, please") == []
