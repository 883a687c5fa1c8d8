"""Which face engine a command works with, and with which thresholds."""

from pathlib import Path

from drivers.face.engines import DEFAULT_ENGINE, open_engine
from drivers.face.template_matcher import TemplateMatcher
from drivers.face.thresholds import read_thresholds
from hallclient import settings


def chosen_engine(name: str = DEFAULT_ENGINE, thresholds: Path | None = None) -> TemplateMatcher:
    """The engine `name` with the thresholds of a file, else the operator's, else those that ship.

    Raises face_engine_missing, thresholds_invalid, model_changed.
    """
    file = thresholds or settings.face_thresholds(name)
    return open_engine(name, read_thresholds(file, name) if file is not None else None)
