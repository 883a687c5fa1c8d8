"""What the operating system says of a camera."""

import struct
from pathlib import Path

import pytest

from drivers.camera import v4l2
from drivers.camera.identity import identify
from drivers.camera.media_foundation import instance_path


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
    assert identify(99).name == "camera 99"
    assert not identify(99).virtual


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
