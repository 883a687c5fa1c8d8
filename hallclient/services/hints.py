"""Hints to the devices that they will soon be needed, so that nobody waits for them then."""

import logging
from collections.abc import Callable

from hallclient.services.equipment import Equipment

_log = logging.getLogger(__name__)


def give_hints(equipment: Equipment) -> None:
    """Tell recorder and face process that they will soon be needed.

    Raises nothing: what goes wrong now goes wrong again when it is needed, and is told then. A step that is committed
    must not fail for a hint.
    """
    hints = [equipment.recorder.prewarm]
    if equipment.face_worker is not None:
        hints.append(equipment.face_worker.prewarm)
    for hint in hints:
        _give(hint)


def _give(hint: Callable[[], None]) -> None:
    try:
        hint()
    except Exception:  # noqa: BLE001  # whatever it is, the step that gave the hint is done
        _log.warning("a hint failed: %s", getattr(hint, "__qualname__", hint), exc_info=True)
