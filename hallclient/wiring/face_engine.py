"""Which face engine a command works with, and with which thresholds."""

from pathlib import Path

from drivers.face.engines import DEFAULT_ENGINE, open_engine
from drivers.face.process_faces import ProcessFaces
from drivers.face.template_matcher import TemplateMatcher
from drivers.face.thresholds import read_thresholds
from hallclient import settings
from hallclient.domain.comparison import Thresholds
from hallclient.domain.enrolment import EnrolmentSettings


def chosen_engine(name: str = DEFAULT_ENGINE, thresholds: Path | None = None) -> TemplateMatcher:
    """The engine `name` with the thresholds of a file, else the operator's, else those that ship.

    Raises face_engine_missing, thresholds_invalid, model_changed.
    """
    return open_engine(name, _thresholds(name, thresholds))


def faces_in_process(name: str, signed: EnrolmentSettings) -> ProcessFaces:
    """The engine `name` in a process of its own, for a counter whose enrolment says `signed`.

    Raises face_engine_missing, thresholds_invalid.
    """
    enrolled = next((one.thresholds for one in signed.thresholds if one.engine == name), None)
    return ProcessFaces(name, enrolled or _thresholds(name, None))


def _thresholds(name: str, own: Path | None) -> Thresholds | None:
    file = own or settings.face_thresholds(name)
    return read_thresholds(file, name) if file is not None else None
