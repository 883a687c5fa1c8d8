"""The family of type: the system's Noto Sans CJK SC, else the file of the package that assets/fonts.toml names."""

import tomllib
from importlib.resources import files

from PySide6.QtGui import QFontDatabase

from hallclient.domain.failures import BugError


def load_family() -> str:
    """The first family of assets/fonts.toml that the system has, else the bundled one. Needs a QGuiApplication."""
    wanted = tomllib.loads(files("assets").joinpath("fonts.toml").read_text("utf-8"))["screen"]
    installed = set(QFontDatabase.families())
    for family in wanted["families"]:
        if family in installed:
            return str(family)
    return load_bundled(wanted["bundled"]["package"], wanted["bundled"]["file"])


def load_bundled(package: str, file: str) -> str:
    """Register the font file of `package` and return its family."""
    number = QFontDatabase.addApplicationFontFromData(files(package).joinpath(file).read_bytes())
    if number < 0:
        raise BugError(f"{file} of {package} is no font")
    return QFontDatabase.applicationFontFamilies(number)[0]
