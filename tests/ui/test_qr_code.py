"""The painted code says what it was given."""

import cv2
import numpy as np
import pytest
from PySide6.QtGui import QImage

from ui.widgets.qr_code import QrCode

URI = "otpauth://totp/%E6%BC%94%E7%BB%83%E5%8E%85:1003?digits=6&secret=NZXW623POBQXG43XN5ZGI&algorithm=SHA1&period=30"


@pytest.mark.parametrize("factor", [0.75, 1.0, 2.8])
def test_a_scanner_reads_it(qtbot, factor: float) -> None:
    code = QrCode(200)
    qtbot.addWidget(code)
    code.rescale(factor)
    code.show_text(URI)
    image = code.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = np.ascontiguousarray(pixels[:, : image.width()])
    said, _, _ = cv2.QRCodeDetector().detectAndDecode(
        cv2.resize(pixels, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    )
    assert said == URI


def test_nothing_is_left_of_it(qtbot) -> None:
    code = QrCode(200)
    qtbot.addWidget(code)
    empty = code.grab().toImage()
    code.show_text(URI)
    assert code.grab().toImage() != empty
    code.show_text("")
    assert code.grab().toImage() == empty
