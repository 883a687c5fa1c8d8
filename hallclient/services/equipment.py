"""The devices and engines of one counter."""

from dataclasses import dataclass

from hallclient.devices import (
    Camera,
    CardReader,
    FaceEngines,
    FaceWorker,
    Microphone,
    PortraitDecoder,
    Printer,
    Recorder,
)


@dataclass(frozen=True, slots=True)
class Equipment:
    """Everything that a session works with.

    `practice_pen`: the signature comes from a scripted pen. `face_worker`: the process that sees and compares faces;
    None where this process does.
    """

    card_reader: CardReader
    portrait_decoder: PortraitDecoder
    camera: Camera
    microphone: Microphone
    recorder: Recorder
    faces: FaceEngines
    printer: Printer
    practice_pen: bool = False
    face_worker: FaceWorker | None = None
