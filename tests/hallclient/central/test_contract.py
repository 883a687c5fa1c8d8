"""The written contract is the running one, and the client's messages are the centre's."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from hallclient.central import messages as centre_messages
from hallclient.central.contract import contract, contract_file
from hallclient.sync import messages as client_messages

MESSAGES = [
    "PartDescription",
    "ObjectDescription",
    "Registration",
    "MissingPart",
    "Registered",
    "Committed",
    "Health",
    "Refused",
]


def shape(schema: dict[str, Any]) -> dict[str, str]:
    """Each field's JSON type; all of them are required."""
    assert sorted(schema["required"]) == sorted(schema["properties"])
    # A field without a type refers to the closed set of object names.
    return {name: field.get("type", "string") for name, field in schema["properties"].items()}


def test_the_contract_is_current() -> None:
    assert contract_file().read_text("utf-8") == contract(), "run: python -m hallclient.central.contract"


@pytest.mark.parametrize("name", MESSAGES)
def test_the_client_speaks_as_the_contract_says(name: str) -> None:
    model: type[BaseModel] = getattr(client_messages, name)
    written = json.loads(contract_file().read_text("utf-8"))["components"]["schemas"][name]
    assert shape(model.model_json_schema()) == shape(written)


def test_both_sides_cut_parts_alike() -> None:
    assert client_messages.PART_BYTES == centre_messages.PART_BYTES
