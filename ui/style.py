"""Tokens to style sheet: colours, sizes and distances from assets/styles, in light and dark."""

import math
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from hallclient.domain.failures import BugError

_PROPERTY = "tokens"
_LENGTH = re.compile(r"(radius: |font-size: )?(-?\d+)px")
_HAIRLINE_PX = 2


@dataclass(frozen=True, slots=True)
class Tokens:
    """One scheme's colours by name, the sizes in pixels, and the family of type."""

    colours: dict[str, str]
    sizes: dict[str, int]
    family: str

    def colour(self, name: str) -> QColor:
        return QColor(self.colours[name])


def load_tokens(dark: bool, family: str) -> Tokens:
    """The tokens of one scheme."""
    content = tomllib.loads(files("assets").joinpath("styles/tokens.toml").read_text("utf-8"))
    return Tokens(content["dark" if dark else "light"], content["size"], family)


def style_sheet(tokens: Tokens, factor: float = 1.0) -> str:
    """hall.qss with every token filled in, every length times `factor`; an unknown name raises KeyError."""
    template = Template(files("assets").joinpath("styles/hall.qss").read_text("utf-8"))
    sheet = template.substitute(tokens.colours, **tokens.sizes, family=tokens.family)
    return sheet if factor == 1.0 else _LENGTH.sub(lambda found: _scaled(found, factor), sheet)


def _scaled(found: re.Match[str], factor: float) -> str:
    """Qt takes whole pixels only."""
    kind, pixels = found[1] or "", int(found[2])
    if kind == "radius: ":
        scaled = math.floor(pixels * factor)  # one that is more than half of its side is none at all
    elif 0 < pixels <= _HAIRLINE_PX:
        scaled = math.ceil(pixels * factor)  # a border never goes, and with it a touch target never falls short
    else:
        scaled = round(pixels * factor)
    return f"{kind}{scaled}px"


def apply_style(application: QApplication, family: str, dark: bool | None = None) -> None:
    """Dress the application; `dark` None follows the system."""
    if dark is None:
        dark = application.styleHints().colorScheme() is Qt.ColorScheme.Dark
    tokens = load_tokens(dark, family)
    application.setProperty(_PROPERTY, tokens)
    palette = QPalette(tokens.colour("surface"), tokens.colour("ground"))
    for role, name in (
        (QPalette.ColorRole.WindowText, "ink"),
        (QPalette.ColorRole.Text, "ink"),
        (QPalette.ColorRole.Base, "surface"),
        (QPalette.ColorRole.PlaceholderText, "soft"),
        (QPalette.ColorRole.Highlight, "accent"),
        (QPalette.ColorRole.HighlightedText, "on_accent"),
    ):
        palette.setColor(role, tokens.colour(name))
    application.setPalette(palette)
    application.setStyleSheet(style_sheet(tokens))


def current_tokens() -> Tokens:
    """What the application wears now; painted parts ask when they paint, so that a change of scheme reaches them."""
    application = QApplication.instance()
    tokens = application.property(_PROPERTY) if application else None
    if not isinstance(tokens, Tokens):
        raise BugError("apply_style was not called")
    return tokens
