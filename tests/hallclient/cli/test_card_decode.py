"""`hallclient card decode`."""

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from drivers.idcard.record import encode
from drivers.practice.idcard.people import (
    PRACTICE_FOREIGNER_2017,
    PRACTICE_FOREIGNER_2023,
    PRACTICE_HMT_RESIDENT,
    PRACTICE_PERSON,
)
from hallclient.cli.card_decode import decode
from hallclient.domain.failures import FailureCode, KnownError

FIELDS = (
    *("kind", "name", "english_name", "sex", "nation", "birth", "address", "number", "authority"),
    *("valid_from", "valid_to", "pass_number", "issue_count", "country", "version"),
    *("old_number_reference", "findings"),
)


def run(*arguments: object) -> Any:
    app = typer.Typer()
    app.command()(decode)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def printed(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def refusal(*arguments: object) -> KnownError:
    error = run(*arguments).exception
    assert isinstance(error, KnownError)
    return error


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record.bin"
    path.write_bytes(encode(PRACTICE_PERSON))
    return path


def test_a_resident(record: Path) -> None:
    document = printed(record)
    assert tuple(document) == FIELDS
    assert document == {
        "kind": "resident",
        "name": "演练客户",
        "english_name": None,
        "sex": "男",
        "nation": "汉",
        "birth": "1990-01-01",
        "address": PRACTICE_PERSON.address,
        "number": PRACTICE_PERSON.number,
        "authority": "演练公安局",
        "valid_from": "2020-01-01",
        "valid_to": "2040-01-01",
        "pass_number": None,
        "issue_count": None,
        "country": None,
        "version": None,
        "old_number_reference": None,
        "findings": [],
    }


@pytest.mark.parametrize(
    ("person", "told"),
    [
        (
            PRACTICE_HMT_RESIDENT,
            {"kind": "hmt_permit", "sex": "女", "nation": None, "pass_number": "H00000000", "issue_count": "01"},
        ),
        (
            PRACTICE_FOREIGNER_2017,
            {
                "kind": "foreign_2017",
                "name": "演练外宾",
                "address": None,
                "authority": "0000",
                "issue_count": None,
                "country": "XXX",
                "version": "01",
                "old_number_reference": None,
                "findings": [],
            },
        ),
        (
            PRACTICE_FOREIGNER_2023,
            {
                "kind": "foreign_2023",
                "english_name": PRACTICE_FOREIGNER_2023.english_name,
                "authority": None,
                "issue_count": "00",
                "valid_to": "2040-12-01",
                "country": "XXX",
                "version": None,
                "old_number_reference": "000",
                "findings": [],
            },
        ),
        (replace(PRACTICE_PERSON, valid_to=None, long_term=True), {"valid_to": "long-term"}),
        (replace(PRACTICE_PERSON, nation_code="77"), {"nation": "77", "findings": ["nation_code_unknown"]}),
        (replace(PRACTICE_PERSON, birth=None), {"birth": None, "findings": ["birth_differs_from_number"]}),
    ],
)
def test_the_other_kinds_and_what_is_odd(record: Path, person: Any, told: dict[str, object]) -> None:
    record.write_bytes(encode(person))
    document = printed(record)
    assert document | told == document


def test_plain_lines(record: Path) -> None:
    lines = run(record).stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(FIELDS)
    assert "nation: 汉" in lines
    assert "pass_number: -" in lines


@pytest.mark.parametrize("form", ["WEBP", "JPEG", "PNG", "AVIF"])
def test_a_portrait_in_an_open_format(record: Path, tmp_path: Path, form: str) -> None:
    data = BytesIO()
    Image.new("RGB", (102, 126), (9, 99, 200)).save(data, form)
    portrait = tmp_path / "portrait.bin"
    for padded in (data.getvalue(), data.getvalue().ljust(1024, b"\0")):
        portrait.write_bytes(padded)
        told = printed(record, "--portrait", portrait)["portrait"]
        assert told == {"format": form.lower(), "width": 102, "height": 126}
    portrait.write_bytes(data.getvalue()[:20])
    assert printed(record, "--portrait", portrait)["portrait"] == {
        "format": form.lower(),
        "width": None,
        "height": None,
    }


@pytest.mark.parametrize(
    ("data", "form"),
    [(b"WLf\0" + bytes(1020), "wlt"), (bytes(1024), "unknown"), (b"", "unknown"), (b"RIFF", "unknown")],
)
def test_a_portrait_in_no_open_format(record: Path, tmp_path: Path, data: bytes, form: str) -> None:
    portrait = tmp_path / "portrait.bin"
    portrait.write_bytes(data)
    assert printed(record, "--portrait", portrait)["portrait"] == {"format": form, "width": None, "height": None}


@pytest.mark.parametrize("data", [b"", bytes(255), bytes(256), bytes(257)])
def test_what_is_no_record(record: Path, data: bytes) -> None:
    record.write_bytes(data)
    assert refusal(record).code is FailureCode.INPUT_INVALID  # no card lies on a reader
    assert refusal(record).detail.startswith("RECORD: ")


def test_files_that_cannot_be_read(record: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path / "missing.bin").code is FailureCode.FILE_MISSING
    assert refusal(record, "--portrait", tmp_path / "missing.bin").code is FailureCode.FILE_MISSING
    for path in (tmp_path, Path("/dev/zero")):
        assert refusal(path).code is FailureCode.INPUT_INVALID
        assert refusal(record, "--portrait", path).code is FailureCode.INPUT_INVALID


def test_the_help_warns_of_personal_data() -> None:
    assert "personal data" in run("--help").stdout
