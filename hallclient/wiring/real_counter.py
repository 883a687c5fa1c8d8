"""The devices of a real counter."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from drivers.camera.opencv_camera import OpenCvCamera
from drivers.idcard.vendor_portrait import portrait_decoder
from drivers.microphone.sound_card import SoundCardMicrophone
from drivers.printer.cups import CupsPrinter
from drivers.recorder.process_recorder import ProcessRecorder
from hallclient import settings
from hallclient.devices import Clock, Entropy, FaceEngines
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.services.equipment import Equipment
from hallclient.wiring.card_readers import reader_hub
from hallclient.wiring.face_engine import faces_in_process


@contextmanager
def real_counter(
    camera: int, face_engine: str, signed: EnrolmentSettings, clock: Clock, entropy: Entropy
) -> Iterator[Equipment]:
    """`camera` is its position on this computer; `signed` is what the centre set for it.

    Raises face_engine_missing, thresholds_invalid, portrait_unreadable.
    """
    with ExitStack() as stack:  # closed from the last to the first, whatever becomes of one
        faces = stack.enter_context(closing(faces_in_process(face_engine, signed)))
        recorder = stack.enter_context(closing(ProcessRecorder(entropy)))
        card_reader = stack.enter_context(closing(reader_hub(clock, practice=False)))
        yield Equipment(
            card_reader=card_reader,
            portrait_decoder=portrait_decoder(settings.portrait_library(signed.portrait_library_sha256)),
            camera=OpenCvCamera(camera, clock),
            microphone=SoundCardMicrophone(clock),
            recorder=recorder,
            faces=FaceEngines(faces, faces, faces, faces),
            face_worker=faces,
            printer=CupsPrinter(),
        )
