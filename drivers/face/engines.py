"""Every face engine by its name."""

from importlib.util import find_spec

from drivers.face.sface import SFaceMatcher, sface_identity
from drivers.face.template_matcher import TemplateMatcher
from drivers.face.thresholds import shipped_thresholds
from hallclient.domain.comparison import EngineIdentity, Thresholds
from hallclient.domain.failures import FailureCode, KnownError

DEFAULT_ENGINE = "sface"

# Each engine and the packages that it needs beyond what is always installed.
_NEEDS: dict[str, tuple[str, ...]] = {"sface": (), "dlib": ("dlib", "face_recognition_models")}


def installed_engines() -> tuple[str, ...]:
    """The names of the engines that this computer can open, the default first."""
    return tuple(name for name, needs in _NEEDS.items() if not _missing(needs))


def open_engine(name: str = DEFAULT_ENGINE, thresholds: Thresholds | None = None) -> TemplateMatcher:
    """The engine `name`, with the thresholds that ship unless others are given.

    Raises KnownError: face_engine_missing when there is no such engine here, model_changed.
    """
    _require(name)
    if name == "sface":
        return SFaceMatcher(thresholds)
    # Here and not above: an optional extra.
    from drivers.face.dlib_encoder import DlibEncoder  # noqa: PLC0415

    return TemplateMatcher(DlibEncoder(), thresholds or shipped_thresholds(name))


def engine_identity(name: str) -> EngineIdentity:
    """What is stored with every comparison, known without loading the models: those that load are pinned.

    Raises KnownError: face_engine_missing.
    """
    _require(name)
    if name == "sface":
        return sface_identity()
    from drivers.face.dlib_encoder import dlib_identity  # noqa: PLC0415

    return dlib_identity()


def _require(name: str) -> None:
    if name not in _NEEDS:
        raise KnownError(FailureCode.FACE_ENGINE_MISSING, f"{name!r} is none of {', '.join(_NEEDS)}")
    if missing := _missing(_NEEDS[name]):
        raise KnownError(FailureCode.FACE_ENGINE_MISSING, f"{name} needs {', '.join(missing)}")


def _missing(packages: tuple[str, ...]) -> list[str]:
    return [package for package in packages if find_spec(package) is None]
