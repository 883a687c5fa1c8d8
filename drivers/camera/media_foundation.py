"""What Windows says of a camera: Media Foundation's names and the registry's driver.

The calls into Windows were never run: the machine it was written on is no Windows. Only the taking apart of a symbolic
link is tested. What cannot be found out is left empty, and never keeps a camera from being opened.
"""

import ctypes
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

_SOURCE_TYPE = "c60ac5fe-252a-478f-a0ef-bc8fa5f7cad3"  # MF_DEVSOURCE_ATTRIBUTE_SOURCE_TYPE
_VIDEO_CAPTURE = "8ac3587a-4ae7-42d8-99e0-0a6013eef90f"  # ..._SOURCE_TYPE_VIDCAP_GUID
_FRIENDLY_NAME = "60d0e559-52f8-4fa2-bbce-acdb34a8ec01"  # ..._FRIENDLY_NAME
_SYMBOLIC_LINK = "58f0aad8-22bf-4f8a-bb3d-d2c4978c6e2f"  # ..._SOURCE_TYPE_VIDCAP_SYMBOLIC_LINK
# Places in the table of IMFAttributes' methods (mfobjects.h); IUnknown's three come first.
_RELEASE, _GET_ALLOCATED_STRING, _SET_GUID = 2, 13, 24
_VERSION = 0x00020070  # MF_VERSION
_LITE = 1  # MFSTARTUP_LITE: no sockets


def instance_path(symbolic_link: str) -> str:
    r"""`\\?\usb#vid_046d&pid_0825#6&1a2b&0&0000#{guid}\global` without prefix and interface, with backslashes."""
    parts = symbolic_link.removeprefix("\\\\?\\").split("#")
    return "\\".join(parts[:3]).upper() if len(parts) > 2 else ""


if sys.platform == "win32":
    import winreg

    def describe(index: int) -> tuple[str, str, str] | None:
        """Name, bus path and driver of Media Foundation's camera `index`; None when there is no such camera.

        The bus path is the device's instance path, as `USB\\VID_046D&PID_0825\\6&1A2B&0&0000`; what software makes
        begins with ROOT or SWD.
        """
        try:
            with _cameras() as cameras:
                if index >= len(cameras):
                    return None
                name, link = _string(cameras[index], _FRIENDLY_NAME), _string(cameras[index], _SYMBOLIC_LINK)
        except (OSError, AttributeError):  # editions of Windows without the media feature pack have no Media Foundation
            return None
        bus = instance_path(link)
        return name, bus, _service(bus)

    def _service(instance: str) -> str:
        """The driver's service, as `usbvideo`."""
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"SYSTEM\CurrentControlSet\Enum\{instance}") as key:
                return str(winreg.QueryValueEx(key, "Service")[0])
        except OSError:
            return ""

    @contextmanager
    def _cameras() -> Iterator[list[ctypes.c_void_p]]:
        """The IMFActivate of each camera, in the order in which OpenCV counts them."""
        mf, mfplat, ole32 = ctypes.OleDLL("mf"), ctypes.OleDLL("mfplat"), ctypes.OleDLL("ole32")
        initialised = ctypes.WinDLL("ole32").CoInitializeEx(None, 0) >= 0  # fails where the thread has another model
        attributes, found, count = ctypes.c_void_p(), ctypes.POINTER(ctypes.c_void_p)(), ctypes.c_uint32()
        cameras: list[ctypes.c_void_p] = []
        try:
            mfplat.MFStartup(_VERSION, _LITE)
            try:
                mfplat.MFCreateAttributes(ctypes.byref(attributes), 1)
                _call(attributes, _SET_GUID, _guid(_SOURCE_TYPE), _guid(_VIDEO_CAPTURE))
                mf.MFEnumDeviceSources(attributes, ctypes.byref(found), ctypes.byref(count))
                cameras = [ctypes.c_void_p(found[number]) for number in range(count.value)]
                yield cameras
            finally:
                for unknown in (*cameras, attributes):
                    if unknown:
                        _call(unknown, _RELEASE)
                ctypes.WinDLL("ole32").CoTaskMemFree(found)
                mfplat.MFShutdown()
        finally:
            if initialised:
                ole32.CoUninitialize()

    def _string(camera: ctypes.c_void_p, attribute: str) -> str:
        text, length = ctypes.c_wchar_p(), ctypes.c_uint32()
        _call(camera, _GET_ALLOCATED_STRING, _guid(attribute), ctypes.byref(text), ctypes.byref(length))
        try:
            return text.value or ""
        finally:
            ctypes.WinDLL("ole32").CoTaskMemFree(text)

    def _call(unknown: ctypes.c_void_p, method: int, *arguments: object) -> None:
        """Call a COM method by its place in the table. Raises OSError when it answers a failure."""
        table = ctypes.cast(unknown, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p)))[0]
        types = [ctypes.c_void_p] * (1 + len(arguments))
        if method == _RELEASE:
            ctypes.WINFUNCTYPE(ctypes.c_ulong, *types)(table[method])(unknown)
        else:
            ctypes.WINFUNCTYPE(ctypes.HRESULT, *types)(table[method])(unknown, *arguments)

    def _guid(text: str) -> ctypes.Array[ctypes.c_char]:
        return ctypes.create_string_buffer(uuid.UUID(text).bytes_le, 16)

else:

    def describe(index: int) -> tuple[str, str, str] | None:
        """Not on this system."""
        del index
        return None
