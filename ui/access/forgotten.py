"""What somebody does who has forgotten their password or lost their second factor."""

from PySide6.QtCore import Slot

from ui import wording
from ui.access.page import AccessPage
from ui.widgets.text import Text


class ForgottenPage(AccessPage):
    """Words: only others can help, and they say how."""

    def __init__(self) -> None:
        super().__init__(wording.Forgotten.HEADLINE, wording.Forgotten.HINT, wording.Login.BACK)
        for line in wording.Forgotten.LINES:
            self.body.addWidget(Text(line, wrap=True))
        self.addAction(self.back)  # Esc, too

    @Slot()
    def go_on(self) -> None:
        self.left.emit()
