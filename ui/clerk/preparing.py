"""What of the counter is still being made ready, and what could not be."""

from PySide6.QtCore import Slot

from hallclient.services.preparation import Readiness
from ui import wording
from ui.widgets.text import Text


class PreparingLines(Text):
    """One line for what is missing, one for each failure; nothing once everything is ready."""

    def __init__(self) -> None:
        super().__init__(kind="small", wrap=True)
        self.hide()

    @Slot(object)
    def show_readiness(self, readiness: Readiness) -> None:
        lines = [
            wording.Preparing.FAILED.format(
                part=wording.PARTS[part],
                remedy=error.failure.remedy,
                cause=error.failure.cause,
                code=wording.coded(error.code, error.number),
            )
            for part, error in readiness.failures
        ]
        if readiness.missing:
            names = wording.Preparing.BETWEEN.join(wording.PARTS[part] for part in readiness.missing)
            lines.insert(0, wording.Preparing.MISSING.format(parts=names))
        self.say("\n".join(lines), "stop" if readiness.failures else "accent")
        self.setVisible(bool(lines))
