"""What the doctor says of the cameras: each by name, bus path and driver, and the virtual ones as such."""

import json
import sys

import pytest
import typer
from typer.testing import CliRunner

from drivers.camera import identity
from hallclient.cli import doctor
from hallclient.domain.failures import FAILURES, FailureCode

WEBCAM = ("HD Webcam: HD Webcam", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0", "uvcvideo")
LOOPBACK = ("Dummy video device\n(0x0000)", "virtual/video4linux/video4", "v4l2 loopback")
UNKNOWN = ("Some camera", "", "")

APP = typer.Typer()
APP.command()(doctor.doctor)
pytestmark = pytest.mark.skipif(sys.platform not in ("linux", "win32"), reason="cameras are not looked for elsewhere")


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[str, str, str]]:
    """What the operating system tells of its cameras; of nothing else the doctor asks."""
    told: dict[int, tuple[str, str, str]] = {}
    monkeypatch.setattr(identity.v4l2, "describe", told.get)
    monkeypatch.setattr(identity.media_foundation, "describe", told.get)
    monkeypatch.setattr(doctor, "_serial_ports", lambda profiles: [])
    monkeypatch.setattr(doctor, "_readers", list)
    for name in ("_software", "_service", "_portrait_library", "_microphone", "_fonts", "_models"):
        monkeypatch.setattr(doctor, name, lambda name=name: doctor.Diagnosis(name, True, ""))
    return told


def test_each_camera_is_told_in_text_and_in_json(plugged: dict[int, tuple[str, str, str]]) -> None:
    plugged.update({0: WEBCAM, 2: UNKNOWN, 4: LOOPBACK})
    checks = json.loads(CliRunner().invoke(APP, ["--json"]).stdout)["checks"]
    seen = [check for check in checks if check["check"] == "camera"]
    assert [
        (check["camera"]["name"], check["camera"]["bus"], check["camera"]["driver"], check["camera"]["virtual"])
        for check in seen
    ] == [(*WEBCAM, False), (*UNKNOWN, None), (*LOOPBACK, True)]
    assert [check["holds"] for check in seen] == [True, True, False]
    assert seen[2]["remedy"] == FAILURES[FailureCode.CAMERA_VIRTUAL].remedy
    assert all(check["camera"] is None for check in checks if check["check"] != "camera")
    result = CliRunner().invoke(APP)
    assert result.exit_code == 0  # a camera is optional: a hall for practice has none, or a virtual one
    lines = result.stdout.splitlines()
    assert f"ok  camera: 0: {WEBCAM[0]}, bus {WEBCAM[1]}, driver uvcvideo" in lines
    assert "ok  camera: 2: Some camera, bus unknown, driver unknown, may be virtual: the system does not tell" in lines
    virtual = "Dummy video device (0x0000), bus virtual/video4linux/video4, driver v4l2 loopback, looks virtual"
    assert f"--  camera: camera_virtual: 4: {virtual}" in lines


def test_no_camera_is_missing(plugged: dict[int, tuple[str, str, str]]) -> None:
    assert plugged == {}
    checks = json.loads(CliRunner().invoke(APP, ["--json"]).stdout)["checks"]
    assert [check["detail"] for check in checks if check["check"] == "camera"] == ["camera_missing"]
