"""`hallclient central renew-archive` and `notice`, and what `verify` says of what they wrote."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.central.identity import change_identity
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.domain.timestamp_settings import TimestampSettings
from tests.command_line import Done, hallclient
from tests.hallclient.central.test_notice_archive import TSA, Received
from tests.timestamp_service import openssl_service

pytestmark = pytest.mark.may_log("(pyhanko|timestamp)")


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Received:
    return Received(tmp_path_factory.mktemp("received"))


def choose(received: Received, settings: TimestampSettings | None) -> None:
    change_identity(received.folder, settings=EnrolmentSettings(timestamps=settings).model_dump(mode="json"))


def central(received: Received, command: str, *options: str) -> Done:
    return hallclient("central", command, "--data", str(received.folder), *options, "--json")


def said(done: Done, code: int = 0) -> dict[str, Any]:
    assert done.returncode == code, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_was_renewed_is_written_and_valid(received: Received, tmp_path: Path) -> None:
    (tmp_path / "tsa").mkdir()
    with openssl_service(tmp_path / "tsa", TSA) as url:
        choose(received, TSA.settings(url))
        counts = {"renewed": 0, "not_due": 0, "not_valid": 0, "unreadable": 0, "failed": []}
        assert said(central(received, "renew-archive")) == counts | {"renewed": 1}
        assert said(central(received, "renew-archive")) == counts | {"not_due": 1}
        assert said(central(received, "renew-archive", "--all")) == counts | {"renewed": 1}
    pdf, roots, services = (tmp_path / name for name in ("notice.pdf", "root.pem", "tsa.pem"))
    said(central(received, "notice", received.session, "--out", str(pdf)))
    assert stat.S_IMODE(pdf.stat().st_mode) == 0o600
    roots.write_bytes(b"".join(root.public_bytes(Encoding.PEM) for root in received.centre.keys.roots))
    services.write_text(TSA.roots_pem)
    verified = said(hallclient("verify", str(pdf), "--roots", str(roots), "--timestamp-roots", str(services), "--json"))
    assert (verified["holds"], verified["format"], verified["session"]) == (True, "PAdES B-LTA", received.session)
    assert [one["believed"] for one in verified["timestamps"]] == [True, True]


def test_what_it_needs(received: Received, tmp_path: Path) -> None:
    choose(received, None)
    without = central(received, "renew-archive")
    assert (without.returncode, without.stdout) == (2, "")
    assert "input_invalid" in without.stderr
    choose(received, TSA.settings("http://127.0.0.1:9/"))
    silent = central(received, "renew-archive", "--all")
    assert silent.returncode == 2
    assert "timestamp_unreachable" in silent.stderr
    unknown = central(received, "notice", "019c0000-0000-7000-8000-000000000000", "--out", str(tmp_path / "x.pdf"))
    assert unknown.returncode == 2
    assert "session_unknown" in unknown.stderr
    assert not (tmp_path / "x.pdf").exists()
    absent = hallclient("central", "renew-archive", "--data", str(tmp_path / "absent"))
    assert absent.returncode == 2
    assert "input_invalid" in absent.stderr
    assert not (tmp_path / "absent").exists()
