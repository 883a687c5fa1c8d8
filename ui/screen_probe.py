"""Tries whether Qt can open windows: `python -m ui.screen_probe`, a process of its own that ends at once.

Exit code 0 when it can. Else 1, and on standard output what Qt says, the reason first.
"""

import os
import sys

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication

from hallclient.core_dumps import forbid_core_dumps


def _say(kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    sys.stdout.write(" ".join(text.split()) + "\n")
    if kind is QtMsgType.QtFatalMsg:
        sys.stdout.flush()
        os._exit(1)  # before Qt aborts, which would leave a core behind


if __name__ == "__main__":
    forbid_core_dumps()
    qInstallMessageHandler(_say)
    QGuiApplication([])
