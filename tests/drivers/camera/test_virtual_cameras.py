"""Which cameras look virtual."""

import pytest

from drivers.camera.virtual_cameras import looks_virtual


@pytest.mark.parametrize(
    ("name", "bus", "driver"),
    [
        ("OBS Virtual Camera", "", ""),
        ("OBS-Camera", "", ""),
        ("Dummy video device (0x0000)", "virtual/video4linux/video4", "v4l2 loopback"),
        ("HD Webcam", "virtual/video4linux/video4", ""),
        ("HD Webcam", "platform:v4l2loopback-000", ""),
        ("HD Webcam", "", "v4l2 loopback"),
        ("vivid", "platform:vivid-000", "vivid"),
        ("ManyCam Virtual Webcam", "", ""),
        ("XSplit VCam", "", ""),
        ("DroidCam Source 3", "", ""),
        ("e2eSoft VCam", "", ""),
        ("HD Webcam", "ROOT\\IMAGE\\0000", ""),
        ("Windows Virtual Camera Device", "SWD\\VCAMDEVAPI\\B2C4", ""),
        ("NVIDIA Broadcast \u865a\u62df\u6444\u50cf\u5934", "", ""),
        ("HD Webcam", "platform/vhci_hcd.0/usb3/3-1/3-1:1.0", "uvcvideo"),
        ("HD Webcam", "usb-vhci_hcd.0-1", "uvcvideo"),
        ("HD Webcam", "platform/dummy_hcd.0/usb5/5-1/5-1:1.0", "uvcvideo"),
        ("HD Webcam", "usb-dummy_hcd.0-1", "uvcvideo"),
        ("HD Webcam", "platform/vivid.0", ""),
        ("HD Webcam", "platform/vimc.0", ""),
    ],
)
@pytest.mark.attack("T16", "a camera that a program plays", answer="looks virtual")
def test_what_a_program_plays_looks_virtual(name: str, bus: str, driver: str) -> None:
    assert looks_virtual(name, bus, driver) is True


@pytest.mark.parametrize(
    ("name", "bus", "driver"),
    [
        ("HD Pro Webcam C920", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0", "uvcvideo"),
        ("Integrated Camera: Integrated C", "usb-0000:00:14.0-8", "uvcvideo"),
        ("HDTV Cam", "USB\\VID_046D&PID_0825\\6&1A2B&0&0000", "usbvideo"),
        ("Live! Cam Sync 1080p", "usb-0000:00:14.0-8", ""),
        ("mmal service 16.1", "platform:bcm2835-v4l2-0", "bm2835 mmal"),
    ],
)
def test_what_has_a_lens_does_not(name: str, bus: str, driver: str) -> None:
    assert looks_virtual(name, bus, driver) is False


@pytest.mark.parametrize(
    ("name", "driver"),
    [("Logitech BRIO", ""), ("Microsoft LifeCam HD-3000", "uvcvideo"), ("camera 0", ""), ("", ""), ("", "usbvideo")],
)
def test_without_a_bus_nobody_can_say(name: str, driver: str) -> None:
    assert looks_virtual(name, "", driver) is None
