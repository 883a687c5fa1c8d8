"""The devices of a practice counter, and the practice customer before them. All of it is marked as practice."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from drivers.face.process_faces import ProcessFaces
from drivers.idcard.portrait import OpenPortraitDecoder
from drivers.practice.camera import PracticeCamera
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_reader import VirtualReader
from drivers.practice.pictures import Scene, live_picture, portrait
from drivers.practice.printer import FilePrinter
from drivers.practice.voice import PracticeMicrophone
from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.devices import Clock, Entropy, FaceEngines
from hallclient.domain.hall_time import hall_date
from hallclient.domain.liveness import Challenge
from hallclient.rule_texts import text_in_force
from hallclient.services.equipment import Equipment
from hallclient.wiring.card_readers import reader_hub


@dataclass(frozen=True, slots=True)
class PracticeCounter:
    """The practice devices, and the practice customer: a hand with the practice card, and eyes.

    Attributes:
        see: shows the customer what to do before the camera; whoever has the customer's screen calls it.
    """

    equipment: Equipment
    reader: VirtualReader
    card: PracticeCard
    see: Callable[[Challenge | None], None]

    def put_card(self) -> None:
        self.reader.insert(self.card)

    def take_card(self) -> None:
        self.reader.remove()


@contextmanager
def practice_counter(
    clock: Clock, entropy: Entropy, printed: Path, stranger: bool = False
) -> Iterator[PracticeCounter]:
    """The practice devices, running. `printed` is where the printer puts its paper.

    Raises KnownError: practice_tool_missing.
    """
    with (
        VirtualReader(user_cache_path("hallclient", appauthor=False)) as reader,
        counter_at(reader, clock, entropy, printed, Scene.STRANGER if stranger else Scene.HOLDER) as counter,
    ):
        yield counter


@contextmanager
def counter_at(
    reader: VirtualReader, clock: Clock, entropy: Entropy, printed: Path, scene: Scene = Scene.HOLDER
) -> Iterator[PracticeCounter]:
    """The practice devices around a reader that runs. `scene` is who sits before the camera, with the holder's card."""
    notice = text_in_force("fraud_risk", hall_date(clock.now()))
    camera = PracticeCamera(live_picture(scene))
    with ExitStack() as stack:  # closed from the last to the first, whatever becomes of one
        faces = stack.enter_context(closing(ProcessFaces()))
        recorder = stack.enter_context(closing(ProcessRecorder(entropy)))
        card_reader = stack.enter_context(closing(reader_hub(clock, practice=True)))
        yield PracticeCounter(
            Equipment(
                card_reader=card_reader,
                portrait_decoder=OpenPortraitDecoder(),
                camera=camera,
                microphone=PracticeMicrophone(notice.lines, clock),
                recorder=recorder,
                faces=FaceEngines(faces, faces, faces, faces),
                face_worker=faces,
                printer=FilePrinter(printed),
                practice_pen=True,
            ),
            reader,
            PracticeCard.resident(portrait()),
            camera.perform,
        )
