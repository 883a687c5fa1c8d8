"""What the operating system says of a camera."""

import struct
from pathlib import Path

import pytest

from drivers.camera import media_foundation, v4l2
from drivers.camera.identity import identify
from drivers.camera.media_foundation import instance_path
from hallclient.domain.equipment import DeviceIdentity


def no_answer(index: int) -> bytes:
    raise OSError


def capability(driver: str, card: str, bus_info: str) -> bytes:
    return struct.pack("=16s32s32s6I", driver.encode(), card.encode(), bus_info.encode(), *([0] * 6))


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """/sys with a webcam as video0 and a loopback device as video4, as Linux lays them out."""
    usb = tmp_path / "devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0"
    webcam, loopback = usb / "video4linux/video0", tmp_path / "devices/virtual/video4linux/video4"
    for place, name in ((webcam, "HD Webcam: HD Webcam"), (loopback, "Dummy video device (0x0000)")):
        place.mkdir(parents=True)
        (place / "name").write_text(f"{name}\n")
    driver = tmp_path / "bus/usb/drivers/uvcvideo"
    driver.mkdir(parents=True)
    (usb / "driver").symlink_to(driver)
    (webcam / "device").symlink_to(usb)
    classes = tmp_path / "class/video4linux"
    classes.mkdir(parents=True)
    (classes / "video0").symlink_to(webcam)
    (classes / "video4").symlink_to(loopback)
    return classes


def test_a_webcam_has_name_bus_path_and_driver(sysfs: Path) -> None:
    bus = "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0"
    answer = capability("uvcvideo", "HD Webcam: HD Webcam", "usb-0000:00:14.0-2")
    assert v4l2.describe(0, sysfs, lambda index: answer) == ("HD Webcam: HD Webcam", bus, "uvcvideo")
    assert v4l2.describe(0, sysfs, no_answer) == ("HD Webcam: HD Webcam", bus, "uvcvideo")


def test_a_loopback_device_is_seen_with_and_without_its_answer(sysfs: Path) -> None:
    answer = capability("v4l2 loopback", "OBS Virtual Camera", "platform:v4l2loopback-004")
    name, bus, driver = v4l2.describe(4, sysfs, lambda index: answer) or ("", "", "")
    assert (name, bus, driver) == ("Dummy video device (0x0000)", "virtual/video4linux/video4", "v4l2 loopback")
    assert v4l2.describe(4, sysfs, no_answer) == (name, bus, "")


def test_the_answer_alone_suffices(tmp_path: Path) -> None:
    answer = capability("uvcvideo", "A" * 32, "usb-0000:00:14.0-2")
    assert v4l2.describe(1, tmp_path, lambda index: answer) == ("A" * 32, "usb-0000:00:14.0-2", "uvcvideo")


def test_no_camera_is_none_and_keeps_its_number(sysfs: Path) -> None:
    assert v4l2.describe(7, sysfs, no_answer) is None
    assert v4l2.describe(99) is None
    assert identify(99) == DeviceIdentity("camera 99", practice=False, virtual=None)
    assert identify(99).unknown


@pytest.mark.parametrize("controller", ["vhci_hcd.0", "dummy_hcd.0"])
@pytest.mark.parametrize("in_sysfs", [True, False])
def test_a_camera_on_a_bus_that_is_a_program_looks_virtual(
    controller: str, in_sysfs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As usbip and a gadget on the same computer show it: with name and driver of the camera that it plays."""
    classes, usb = tmp_path / "class/video4linux", tmp_path / f"devices/platform/{controller}/usb3/3-1/3-1:1.0"
    if in_sysfs:
        (usb / "video4linux/video0").mkdir(parents=True)
        (usb / "video4linux/video0/name").write_text("HD Webcam C525\n")
        (usb / "video4linux/video0/device").symlink_to(usb)
        classes.mkdir(parents=True)
        (classes / "video0").symlink_to(usb / "video4linux/video0")
    answer = capability("uvcvideo", "HD Webcam C525", f"usb-{controller}-1")
    described = v4l2.describe(0, classes, lambda index: answer)
    monkeypatch.setattr(v4l2, "describe", lambda index: described)
    monkeypatch.setattr("sys.platform", "linux")
    camera = identify(0)
    assert (camera.name, camera.driver, camera.virtual) == ("HD Webcam C525", "uvcvideo", True)
    assert not camera.unknown


@pytest.mark.parametrize(
    ("told", "virtual"),
    [
        (("HD Webcam", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0", "uvcvideo"), False),
        (("HD Webcam", "", "uvcvideo"), None),
        (("HD Webcam", "", ""), None),
        (("OBS Virtual Camera", "", ""), True),
        (None, None),
    ],
)
def test_what_is_not_told_makes_no_lens(
    told: tuple[str, str, str] | None, virtual: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr(media_foundation, "describe", lambda index: told)
    assert identify(0).virtual is virtual
    assert identify(0).unknown is (virtual is None)


def test_a_practice_camera_is_known() -> None:
    assert not DeviceIdentity("practice camera", practice=True).unknown


@pytest.mark.parametrize(
    ("link", "path"),
    [
        (
            r"\\?\usb#vid_046d&pid_0825&mi_00#7&1a2b3c&0&0000#{e5323777-f976-4f5b-9b55-b94699c46e44}\global",
            r"USB\VID_046D&PID_0825&MI_00\7&1A2B3C&0&0000",
        ),
        (r"\\?\root#image#0000#{e5323777-f976-4f5b-9b55-b94699c46e44}\global", r"ROOT\IMAGE\0000"),
        ("", ""),
    ],
)
def test_a_symbolic_link_of_windows_names_the_instance(link: str, path: str) -> None:
    assert instance_path(link) == path
