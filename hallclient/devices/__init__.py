"""The protocols that a device or an engine fulfils. Nothing here knows a driver.

Blocking calls block at most the time that they name. All raise `KnownError` for what the environment did and may be
called from any one thread; none is called from the screen's thread.
"""

from hallclient.devices.camera import Camera
from hallclient.devices.card_reader import CardReader, ReaderState, ReaderStatus
from hallclient.devices.clock import Clock
from hallclient.devices.entropy import Entropy
from hallclient.devices.face_worker import FaceWorker
from hallclient.devices.faces import (
    FaceAnalyser,
    FaceEngines,
    FaceMatcher,
    FaceRelief,
    FaceRepetitions,
    FaceSight,
    Glance,
)
from hallclient.devices.microphone import Microphone
from hallclient.devices.pictures_and_sound import Frame, Image, Samples, Sound, is_bgr
from hallclient.devices.portrait_decoder import PortraitDecoder
from hallclient.devices.printer import Printer
from hallclient.devices.recorder import Recorder, RecordingReport

__all__ = [
    "Camera",
    "CardReader",
    "Clock",
    "Entropy",
    "FaceAnalyser",
    "FaceEngines",
    "FaceMatcher",
    "FaceRelief",
    "FaceRepetitions",
    "FaceSight",
    "FaceWorker",
    "Frame",
    "Glance",
    "Image",
    "Microphone",
    "PortraitDecoder",
    "Printer",
    "ReaderState",
    "ReaderStatus",
    "Recorder",
    "RecordingReport",
    "Samples",
    "Sound",
    "is_bgr",
]
