"""The reasons to look at a case, in words."""

from PySide6.QtWidgets import QVBoxLayout

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence import LivenessFacts
from hallclient.services.review import ReviewCase
from ui import wording
from ui.widgets.surface import Surface
from ui.widgets.text import Text

Line = tuple[str, str]  # tone, words
_SIGNS = {"good": "✓", "look": "!", "stop": "!"}


def reasons_to_look(case: ReviewCase) -> list[Line]:
    """What needs the eye first, then what holds."""
    lines: list[Line] = []
    if case.item.decision is not Decision.MATCHED:
        tone = "stop" if case.item.decision is Decision.MISMATCHED else "look"
        lines.append((tone, wording.DECISION_REASONS[case.item.decision]))
    lines += [("look", wording.FINDINGS[finding]) for finding in case.findings]
    reading = case.reading
    if reading is None:
        lines.append(("look", wording.Review.UNRECORDED))
    elif reading.pictures_dropped:
        lines.append(("look", wording.Review.DROPPED.format(dropped=reading.pictures_dropped)))
    if not case.strokes:
        lines.append(("look", wording.Review.UNSIGNED))
    if not case.liveness.live:
        lines.append(_not_live(case.liveness))
    if not case.findings:
        lines.append(("good", wording.Review.NO_FINDINGS))
    if case.liveness.live:
        lines += _live(case.liveness)
    if reading is not None:
        read = wording.Review.LINES_READ.format(lines=len(reading.line_starts_s), seconds=reading.duration_s)
        lines.append(("good", read))
    if case.strokes:
        lines.append(("good", wording.Review.SIGNED.format(points=sum(len(stroke) for stroke in case.strokes))))
    return lines


def _not_live(liveness: LivenessFacts) -> Line:
    if not liveness.attempts:
        return "look", wording.Review.NOT_PERFORMED
    refusal = liveness.attempts[-1].refusal
    assert refusal is not None  # noqa: S101  # or it would be live
    return "stop", wording.Review.NOT_LIVE.format(reason=wording.LIVENESS_REFUSALS[refusal])


def _live(liveness: LivenessFacts) -> list[Line]:
    *failed, passed = liveness.attempts
    names = "、".join(wording.CHALLENGE_NAMES[challenge] for challenge in passed.challenges)
    lines = [("good", wording.Review.LIVE.format(challenges=names))]
    if failed:
        lines.insert(0, ("look", wording.Review.LIVE_AFTER.format(failed=len(failed))))
    return [*lines, ("good", wording.Review.DEPTH.format(hint=passed.depth_hint))]


class ReasonList(Surface):
    """Each reason on a line with its sign."""

    def __init__(self) -> None:
        super().__init__(title=wording.Review.TO_LOOK_AT)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self.column.addLayout(self._lines)
        self.column.addStretch(1)

    def show_lines(self, lines: list[Line]) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        for tone, words in lines:
            label = Text()
            label.say(f"{_SIGNS[tone]}  {words}", tone)
            self._lines.addWidget(label)
