"""The devices of a real counter."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from drivers.camera.opencv_camera import OpenCvCamera
from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import shipped_profiles
from drivers.idcard.vendor_portrait import portrait_decoder
from drivers.microphone.sound_card import SoundCardMicrophone
from drivers.printer.cups import CupsPrinter
from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.devices import Clock, Entropy, FaceEngines
from hallclient.services.bug_log import report_bug
from hallclient.services.equipment import Equipment
from hallclient.wiring.face_engine import faces_in_process


@contextmanager
def real_counter(camera: int, face_engine: str, clock: Clock, entropy: Entropy) -> Iterator[Equipment]:
    """`camera` is its position on this computer. Raises face_engine_missing, thresholds_invalid."""
    faces = faces_in_process(face_engine)
    profiles = shipped_profiles()
    card_reader = ReaderHub(profiles, clock, report_bug=report_bug)
    recorder = ProcessRecorder(entropy)
    with ExitStack() as stack:
        for device in (faces, recorder, card_reader):  # closed from the last to the first, whatever becomes of one
            stack.enter_context(closing(device))
        yield Equipment(
            card_reader=card_reader,
            portrait_decoder=portrait_decoder(),
            camera=OpenCvCamera(camera, clock),
            microphone=SoundCardMicrophone(clock),
            recorder=recorder,
            faces=FaceEngines(faces, faces, faces, faces),
            face_worker=faces,
            printer=CupsPrinter(),
        )
