"""A short state in words on a tint."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.widgets.text import restyle


class Pill(QLabel):
    """Tones: good, look, stop, plain. The words always say what the tint says."""

    def __init__(self, text: str = "", tone: str = "plain") -> None:
        super().__init__(text)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setProperty("pill", tone)

    def say(self, text: str, tone: str) -> None:
        self.setText(text)
        restyle(self, "pill", tone)
