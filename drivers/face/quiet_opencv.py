"""Keeps a harmless message of OpenCV 5 off the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2.utils.logging


@contextmanager
def errors_only() -> Iterator[None]:
    """OpenCV 5 warns at each model's creation that its new graph engine has no targets, although none was asked for."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)
