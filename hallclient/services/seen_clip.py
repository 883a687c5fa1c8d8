"""A video whose pictures are looked at once, and on which liveness checks can then be run from any start.

Finding faces takes nearly all the time of a check, and does not depend on what was asked or since when. So what the
engines say of each picture is kept instead of the picture, and every check is a run of the product's own
`LivenessRun` whose engines remember.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

import numpy as np

from hallclient.devices import FaceEngines, FaceRepetitions, FaceSight, Frame, Image
from hallclient.domain.comparison import Comparison, EngineIdentity, Thresholds
from hallclient.domain.failures import BugError
from hallclient.domain.liveness import Challenge, Relief
from hallclient.services.liveness import LivenessResult, LivenessRun, thumbnail
from hallclient.services.look_pace import LookPace


class ReliefEyes(Protocol):
    """What looks at a picture once for all that a check asks about it later.

    Attributes:
        models: SHA-256 of each model file, by its name.
    """

    models: dict[str, str]

    def look(self, image: Image) -> tuple[FaceSight, Any]:
        """As `FaceAnalyser.look`, and what `relief` needs of the picture; None when that would find no face in it."""
        ...

    def relief(self, rest: Any, moved: Any) -> Relief | None:
        """As `FaceRelief.reliefs`, from one picture that was looked at to another one."""
        ...


class Templates(Protocol):
    """A face engine that can be asked for what it keeps of a face."""

    identity: EngineIdentity
    thresholds: Thresholds

    def template(self, image: Image) -> Any:
        """Of the largest face in `image`; None without a face."""
        ...

    def scores(self, one: Sequence[Any], other: Sequence[Any]) -> Any:
        """Each of `one` against each of `other`: a matrix of scores, larger is more alike."""
        ...


@dataclass(frozen=True, slots=True)
class ClipEngines:
    """What looks at the pictures of a video."""

    eyes: ReliefEyes
    matcher: Templates
    repetitions: FaceRepetitions


@dataclass(frozen=True, slots=True)
class Asked:
    """A check to run: from which picture's time on, and for what."""

    start_s: float
    challenges: tuple[Challenge, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """How a check ended, and the time of the picture at which it first asked for something; None when it never did."""

    result: LivenessResult
    asked_s: float | None


@dataclass(slots=True, eq=False)
class _Seen:
    """A picture. `stand_in` is its thumbnail and what the runs are given for it; `face` is for `ReliefEyes.relief`."""

    time_s: float
    stand_in: Image
    sight: FaceSight | None  # None when it was only glanced at
    face: Any
    forgotten: bool = False


class SeenClip:
    """A video that is looked at so many times a second, at the pace of a counter (`LookPace`).

    Of each picture that was looked at up to some hundred kilobytes are kept, until no check can ask for them any more.
    """

    def __init__(
        self, frames: Callable[[], Iterator[Frame]], engines: ClipEngines, looks_per_s: float, from_s: float = 0.0
    ) -> None:
        """`frames` begins to read the video; before `from_s` nothing is looked at, for no check begins there."""
        self._frames = frames
        self._unseen = frames()
        self._engines = engines
        self._pace = LookPace(looks_per_s)
        self._from_s = from_s
        self._shapes: list[tuple[int, ...]] = []
        self._seen: list[_Seen] = []
        self._memory = _Memory(engines)

    def times_s(self) -> tuple[float, ...]:
        """Those of all pictures. Raises input_invalid."""
        return tuple(picture.time_s for picture in self._from(float("-inf")))

    def ends_before(self, time_s: float) -> bool:
        """No picture is as late as `time_s`. Raises input_invalid."""
        return next(self._from(time_s), None) is None

    def judge(self, asked: Sequence[Asked]) -> tuple[Judged, ...]:
        """How each check ends, in the order of `asked`; one that begins after the last picture ends as face_lost.

        A later call may ask for nothing that begins earlier. Raises input_invalid.
        """
        in_time = sorted(range(len(asked)), key=lambda index: asked[index].start_s)
        results: dict[int, Judged] = {}
        for index in in_time:
            self._forget_before(asked[index].start_s)
            results[index] = self._run(asked[index])
        if self._memory.unknown_s:
            # Only now is it known whose likeness matters: a second reading is cheaper than keeping or comparing all.
            self._memory.find_templates(self._frames())
            results |= {index: self._run(asked[index]) for index in in_time if results[index].result.live}
        return tuple(results[index] for index in range(len(asked)))

    def _run(self, asked: Asked) -> Judged:
        asked_s: list[float] = []

        def note(challenge: Challenge | None) -> None:
            if challenge is not None:
                asked_s.append(frame.time_s)

        memory = self._memory
        run = LivenessRun(FaceEngines(memory, memory, memory, self._engines.repetitions), note)
        run.begin(asked.challenges)
        for picture in self._from(asked.start_s):
            frame = Frame(picture.time_s, picture.stand_in)
            run.glance(frame)
            if picture.sight is not None:
                run.look(frame)
                if run.over:
                    break
        return Judged(run.result(), asked_s[0] if asked_s else None)

    def _from(self, start_s: float) -> Iterator[_Seen]:
        """The pictures from `start_s` on; those that nobody asked for yet are seen now."""
        for index in count():
            if index == len(self._seen):
                frame = next(self._unseen, None)
                if frame is None:
                    return
                self._see(frame)
            if self._seen[index].time_s >= start_s:
                yield self._seen[index]

    def _see(self, frame: Frame) -> None:
        sight = face = None
        # Its turns are counted from the first picture on, wherever checks begin.
        if self._pace.due(frame.time_s) and frame.time_s >= self._from_s:
            sight, face = self._engines.eyes.look(frame.image)
        seen = _Seen(frame.time_s, self._stand_in(frame.image), sight, face)
        self._seen.append(seen)
        self._memory.add(seen)

    def _stand_in(self, image: Image) -> Image:
        """Of a size of its own for each size of pictures, since a change of it ends a check."""
        if image.shape not in self._shapes:
            self._shapes.append(image.shape)
        times = self._shapes.index(image.shape) + 1
        return thumbnail(image).repeat(times, axis=0).repeat(times, axis=1)

    def _forget_before(self, start_s: float) -> None:
        for seen in self._seen:
            if seen.time_s >= start_s:
                break
            seen.face, seen.forgotten = None, True


class _Memory:
    """Fulfils `FaceAnalyser`, `FaceRelief` and `FaceMatcher` for stand-ins, with what was seen in their pictures.

    Attributes:
        unknown_s: times of pictures whose likeness was asked for and not known; until it is, all show one person.
    """

    def __init__(self, engines: ClipEngines) -> None:
        self.models = engines.eyes.models
        self.identity, self.thresholds = engines.matcher.identity, engines.matcher.thresholds
        self.unknown_s: set[float] = set()
        self._engines = engines
        self._seen: dict[int, _Seen] = {}  # by the stand-in's identity; `_Seen` keeps that alive
        self._reliefs: dict[tuple[float, float], Relief | None] = {}
        self._templates: dict[float, Any] = {}

    def add(self, seen: _Seen) -> None:
        self._seen[id(seen.stand_in)] = seen

    def find_templates(self, frames: Iterable[Frame]) -> None:
        """Of the pictures of which it was asked for, out of all of the video."""
        for frame in frames:
            if frame.time_s in self.unknown_s:
                self._templates[frame.time_s] = self._engines.matcher.template(frame.image)
        self.unknown_s.clear()

    def look(self, image: Image) -> FaceSight:
        sight = self._seen[id(image)].sight
        if sight is None:
            raise BugError("a picture that was only glanced at")
        return sight

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        return tuple(self._relief(self._seen[id(rest)], self._seen[id(image)]) for image in moved)

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:  # noqa: ARG002 - the protocol's
        raise BugError("a liveness check compares with no portrait")

    def likeness(self, images: Sequence[Image]) -> float | None:
        times_s = [self._seen[id(image)].time_s for image in images]
        unknown_s = set(times_s) - self._templates.keys()
        if unknown_s:
            self.unknown_s |= unknown_s
            return 1.0
        templates = [self._templates[time_s] for time_s in times_s]
        if len(templates) < 2 or any(template is None for template in templates):
            return None
        return float(np.min(self._engines.matcher.scores(templates[:1], templates[1:])))

    def _relief(self, rest: _Seen, moved: _Seen) -> Relief | None:
        pair = rest.time_s, moved.time_s
        if pair not in self._reliefs:
            if rest.forgotten or moved.forgotten:
                raise BugError("a check that begins before one of an earlier call")
            faces = rest.face, moved.face
            self._reliefs[pair] = None if any(face is None for face in faces) else self._engines.eyes.relief(*faces)
        return self._reliefs[pair]
