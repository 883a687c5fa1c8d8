"""A small library of our own behaves as vendors' libraries may."""

import logging
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from drivers.idcard.portrait import OpenPortraitDecoder, PortraitDecoders
from drivers.idcard.vendor_portrait import VendorPortraitDecoder, portrait_decoder

SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int unpack(char *src, char *dst, int vendor)
{
    int order = src[4];
    switch (order) {
    case 'o': for (int i = 0; i < 38556; i++) dst[i] = (char)(i % 3 == 0 ? 10 : i % 3 == 1 ? 20 : 30); return 1;
    case 'e': return -(int)src[5];
    case 'h': for (;;) pause();
    case 'c': abort();
    case 's': *(volatile char *)8 = 1; return 1;
    case 'w': memset(dst, 7, 38556 + 65536 + 100); return 1;
    case 'W': memset(dst, 7, 1 << 28); return 1;
    case 'a': memset(dst, 7, 38556 + 78); return 1;
    case 'p': for (int i = 0; i < 100000; i++) puts("noise"); fflush(stdout); memset(dst, 9, 38556); return 1;
    case 'x': exit(0);
    }
    return 0;
}
"""
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vendor")
    (folder / "wlt.c").write_text(SOURCE)
    gcc = shutil.which("gcc")
    assert gcc
    subprocess.run((gcc, "-shared", "-fPIC", "-o", folder / "libwlt.so", folder / "wlt.c"), check=True)
    return folder / "libwlt.so"


def portrait(order: bytes) -> bytes:
    return (b"WLf\0" + order).ljust(1024, b"\xee")


def test_a_portrait(library: Path) -> None:
    picture = VendorPortraitDecoder(library).decode(portrait(b"o"))
    assert picture is not None
    assert (picture.shape, picture.dtype) == ((126, 102, 3), np.uint8)
    assert picture[100, 50].tolist() == [10, 20, 30]


@pytest.mark.parametrize("order", [b"a", b"p"])
def test_a_little_more_than_agreed_and_noise_do_no_harm(library: Path, order: bytes) -> None:
    assert VendorPortraitDecoder(library).decode(portrait(order)) is not None


@pytest.mark.expects_log("no portrait from")
@pytest.mark.parametrize(
    ("order", "reason"),
    [
        *((b"e" + bytes((code,)), f"refused (-{code})") for code in (1, 2, 3, 4, 5)),
        (b"?", "refused (0)"),
        (b"h", "did not end"),
        (b"c", "crashed"),
        (b"s", "crashed"),
        (b"w", "wrote too much"),
        (b"W", "crashed"),
        (b"x", "no answer"),
    ],
)
def test_every_trouble_is_no_portrait(
    library: Path, order: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    time_limit_s = 1.0 if reason == "did not end" else PATIENCE_S
    with caplog.at_level(logging.DEBUG):
        assert VendorPortraitDecoder(library, time_limit_s).decode(portrait(order)) is None
    assert reason in caplog.text
    assert "WLf" not in caplog.text


@pytest.mark.expects_log("no portrait from .*cannot be loaded")
@pytest.mark.parametrize("name", ["missing.so", "wlt.c"])
def test_a_library_that_cannot_be_loaded(library: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert VendorPortraitDecoder(library.with_name(name)).decode(portrait(b"o")) is None
    assert "cannot be loaded" in caplog.text


@pytest.mark.expects_log("no portrait from")
def test_a_library_without_the_function(library: Path) -> None:
    libc = "libc.so.6"
    assert VendorPortraitDecoder(Path(libc)).decode(portrait(b"o")) is None


def test_open_formats_never_reach_the_library(library: Path) -> None:
    decoders = PortraitDecoders(OpenPortraitDecoder(), VendorPortraitDecoder(library))
    assert decoders.decode(portrait(b"o")) is not None
    assert decoders.decode(bytes(1024)) is None


def test_without_a_library_only_open_formats_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLCLIENT_WLT_LIBRARY", "/opt/wlt.so")  # a user's variable names none
    assert isinstance(portrait_decoder(None), OpenPortraitDecoder)
    assert isinstance(portrait_decoder(Path("/opt/wlt.so")), PortraitDecoders)
