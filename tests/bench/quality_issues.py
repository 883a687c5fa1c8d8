"""How many pictures of real people get a wrong issue: `python -m tests.bench.quality_issues FOLDER [LOOKS_PER_S]`.

The judgements are in `quality_issues.csv` beside this file; the recordings are no part of the project. FOLDER has them
under the names of the column `file`. A person judged by eye which issues would be right from `from_s` on and before
`to_s`, as words of `QualityIssue` with spaces between them; `none` among them says that none may be made. Pictures
outside of all spans are not judged.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from drivers.camera.video_file import frames_of
from drivers.face.analyser import YuNetAnalyser
from hallclient.cli.output import FAILED
from hallclient.devices import Frame, Image
from hallclient.domain.failures import KnownError
from hallclient.domain.held_issue import HeldIssue
from hallclient.domain.quality_issue import QualityIssue
from hallclient.services.index_file import bad_row, file_of_row, read_rows
from hallclient.services.look_pace import LookPace

JUDGEMENTS = Path(__file__).with_name("quality_issues.csv")
LOOKS_PER_S = 6.0
_COLUMNS = ("file", "from_s", "to_s", "right")
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of a recording from its first picture, and what may be said in them; None is no issue."""

    row: int
    from_s: float
    to_s: float
    right: frozenset[QualityIssue | None]


@dataclass(slots=True)
class Judged:
    """Pictures that were judged, and the issues that were wrong; None among them is one that was missed."""

    pictures: int = 0
    faults: Counter[QualityIssue | None] = field(default_factory=Counter)

    @property
    def wrong(self) -> int:
        return self.faults.total() - self.missed

    @property
    def missed(self) -> int:
        return self.faults[None]

    def add(self, spans: Iterable[Span], time_s: float, said: QualityIssue | None) -> None:
        right = next((span.right for span in spans if span.from_s <= time_s < span.to_s), None)
        if right is not None:
            self.pictures += 1
            self.faults[said] += said not in right

    def include(self, other: "Judged") -> None:
        self.pictures += other.pictures
        self.faults += other.faults

    def __str__(self) -> str:
        names = ", ".join(f"{said} {count}" for said, count in sorted(self.faults.items(), key=str) if said and count)
        share = self.wrong / self.pictures if self.pictures else 0.0
        return f"wrong {self.wrong} of {self.pictures} ({share:.1%}), missed {self.missed}" + f" [{names}]" * bool(
            names
        )


def read_spans(judgements: Path, folder: Path) -> dict[Path, list[Span]]:
    """The rows of `judgements` by recording, each of them in `folder`.

    Raises KnownError: input_invalid with the number of the row.
    """
    recordings: dict[Path, list[Span]] = {}
    for number, (file, from_s, to_s, right) in read_rows(judgements, _COLUMNS):
        try:
            words = frozenset(None if word == _NONE else QualityIssue(word) for word in right.split())
            span = Span(number, float(from_s), float(to_s), words)
        except ValueError as error:
            raise bad_row(number, "a time is no number, or an issue is none") from error
        if not words or not span.from_s < span.to_s:
            raise bad_row(number, "the span is empty, or nothing in it would be right")
        recordings.setdefault(file_of_row(folder, number, file), []).append(span)
    return recordings


def looked_at(frames: Iterable[Frame], looks_per_s: float) -> Iterator[Frame]:
    """Those that are looked at when there is time for so many a second."""
    pace = LookPace(looks_per_s)
    return (frame for frame in frames if pace.due(frame.time_s))


def whole(recording: Path, spans: Sequence[Span]) -> Iterator[Frame]:
    """Its pictures. Raises KnownError: input_invalid with the row of a span that could not be judged."""
    last_s = -1.0
    try:
        for frame in frames_of(recording):
            last_s = frame.time_s
            yield frame
    except KnownError as error:
        raise bad_row(spans[0].row, error.detail) from error
    for span in spans:
        if span.from_s > last_s:
            raise bad_row(span.row, "the recording ends before the span begins")


def judge(
    frames: Iterable[Frame], spans: Sequence[Span], issue: Callable[[Image], QualityIssue | None]
) -> tuple[Judged, Judged]:
    """What each single picture gets, and what is said."""
    single, held, rule = Judged(), Judged(), HeldIssue()
    for frame in frames:
        seen = issue(frame.image)
        single.add(spans, frame.time_s, seen)
        held.add(spans, frame.time_s, rule.update(seen, frame.time_s))
    return single, held


def measure(recordings: Mapping[Path, Sequence[Span]], looks_per_s: float) -> None:
    """Print how each recording was judged, and all. Raises KnownError: input_invalid with the number of the row."""
    analyser = YuNetAnalyser()
    all_single, all_held = Judged(), Judged()
    for recording, spans in recordings.items():
        frames = looked_at(whole(recording, spans), looks_per_s)
        single, held = judge(frames, spans, lambda image: analyser.look(image).issue)
        all_single.include(single)
        all_held.include(held)
        sys.stdout.write(f"{recording.name}: single pictures: {single}; said: {held}\n")
        sys.stdout.flush()
    sys.stdout.write(f"all: single pictures: {all_single}; said: {all_held}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quality_issues")
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("looks_per_s", metavar="LOOKS_PER_S", nargs="?", type=_rate, default=LOOKS_PER_S)
    given = parser.parse_args(arguments)
    try:
        measure(read_spans(JUDGEMENTS, given.folder), given.looks_per_s)
    except KnownError as error:
        sys.stderr.write(f"{JUDGEMENTS.name}: {error}\n")
        sys.exit(FAILED)


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate < inf:
        raise ValueError
    return rate


if __name__ == "__main__":
    main()
