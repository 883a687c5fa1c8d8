"""Number, password and code: what a login asks for, also a second person's and that of one's own password."""

from dataclasses import dataclass

from PySide6.QtWidgets import QLineEdit

from ui import wording
from ui.access.page import AccessPage
from ui.widgets.secret_fields import CodeField, password_field


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed to say who they are."""

    number: str
    password: str
    code: str

    def __repr__(self) -> str:
        return "<Typed>"


class CredentialsPage(AccessPage):
    """A wrong try leaves the number alone: it is no secret."""

    def __init__(
        self,
        headline: str,
        hint: str,
        way_on: str,
        *,
        number: str = wording.Login.NUMBER,
        password: str = wording.Login.PASSWORD,
        back: str = "",
        drawing: str = "hall",
    ) -> None:
        super().__init__(headline, hint, way_on, back=back, drawing=drawing)
        self.number, self.password, self.code = QLineEdit(), password_field(), CodeField()
        self.add_field(number, self.number)
        self.add_field(password, self.password)
        self.add_field(wording.Login.CODE, self.code, wording.Login.CODE_HINT)

    def is_whole(self) -> bool:
        return bool(self.number.text().strip() and self.password.text() and self.code.whole)

    def forget_secrets(self) -> None:
        for secret in (self.password, self.code):
            secret.setText("")

    @property
    def typed(self) -> Typed:
        return Typed(self.number.text().strip(), self.password.text(), self.code.digits)
