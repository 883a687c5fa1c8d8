"""A password of one's own choice, twice; what it lacks is said while it is typed."""

from PySide6.QtCore import Signal, Slot

from hallclient.domain.failures import KnownError
from hallclient.domain.password import normalised, unfit_because
from hallclient.services.common_passwords import common_passwords
from ui import wording
from ui.access.page import AccessPage
from ui.widgets.secret_fields import password_field
from ui.widgets.text import Text


class NewPasswordPage(AccessPage):
    """Signals:
    chosen(str): a password that staff `number` may have.
    """

    chosen = Signal(str)

    def __init__(self, headline: str, way_on: str) -> None:
        super().__init__(headline, wording.NewPassword.HINT, way_on, back=wording.Login.BACK)
        self.number = ""
        self.password, self.again = password_field(), password_field()
        self.advice = Text("", "soft", wrap=True)
        self.add_field(wording.NewPassword.FIRST, self.password, wording.NewPassword.FORM)
        self.add_field(wording.NewPassword.AGAIN, self.again)
        self.body.addWidget(self.advice)
        self.validate()

    def ask(self, number: str) -> None:
        """Of staff `number`."""
        self.number = number
        self.begin()

    def is_whole(self) -> bool:
        return self.password.text() == self.again.text() and self._lack() == ""

    def _lack(self) -> str:
        text = self.password.text()
        lack = unfit_because(text, self.number, common_passwords())
        return "" if lack is None else wording.password_lack(lack, _length(text))

    @Slot()
    def validate(self) -> None:
        super().validate()
        if not hasattr(self, "advice"):
            return
        first, again, lack = self.password.text(), self.again.text(), self._lack()
        if not first:
            self.advice.say(wording.NewPassword.FORM)
        elif lack:
            self.advice.say(lack, "look")
        elif not again:
            self.advice.say(wording.NewPassword.FIT, "good")
        elif again == first:
            self.advice.say(wording.NewPassword.RIGHT, "good")
        elif first.startswith(again):  # still on the way
            self.advice.say(wording.NewPassword.FIT, "good")
        else:
            self.advice.say(wording.NewPassword.DIFFERENT, "look")

    @Slot()
    def go_on(self) -> None:
        self.chosen.emit(self.password.text())


def _length(text: str) -> int:
    """In the characters that count; of a text that is none, as it is."""
    try:
        return len(normalised(text).decode())
    except KnownError:
        return len(text)
