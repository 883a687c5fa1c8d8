"""The reasons to look at a case, in words."""

from PySide6.QtWidgets import QVBoxLayout

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.supervised_way import SupervisedWay
from hallclient.domain.why_reviewed import refused
from hallclient.services.review import ReviewCase
from ui import wording
from ui.supervisor.recorded import Line, remarkable
from ui.supervisor.tries import attempts_seen, losses_seen, tries_seen
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_SIGNS = {"good": "✓", "look": "!", "stop": "!"}


def reasons_to_look(case: ReviewCase) -> list[Line]:
    """What needs the eye first, then what holds."""
    lines: list[Line] = []
    if case.item.decision is not Decision.MATCHED:
        tone = "stop" if case.item.decision is Decision.MISMATCHED else "look"
        lines.append((tone, wording.DECISION_REASONS[case.item.decision]))
    way = case.supervised_way
    if way is not None and way is not SupervisedWay.CONSENT_REFUSED:  # that is the decision itself
        lines.append(("look", wording.SUPERVISED_WAYS[way]))
    lines += _liveness_seen(case)
    lines += remarkable(case)
    lines += [("look", wording.FINDINGS[finding]) for finding in case.findings]
    recorded, kinds = case.recorded, case.item.kinds
    if recorded is None:
        if "notice" in kinds:
            lines.append(("look", wording.Review.UNRECORDED))
    elif recorded.pictures_dropped:
        lines.append(("look", wording.Review.DROPPED.format(dropped=recorded.pictures_dropped)))
    if not case.strokes and "signature" in kinds:
        lines.append(("look", wording.Review.UNSIGNED))
    if not case.findings:
        lines.append(("good", wording.Review.NO_FINDINGS))
    if case.liveness.live:
        depth = wording.Review.DEPTH.format(hint=case.liveness.attempts[-1].depth_hint)
        lines += [wording.liveness(case.liveness), ("good", depth)]
    if recorded is not None:
        read = wording.Review.LINES_READ.format(lines=len(recorded.line_starts_s), seconds=recorded.duration_s)
        lines.append(("good", read))
    if case.strokes:
        lines.append(("good", wording.Review.SIGNED.format(points=sum(len(stroke) for stroke in case.strokes))))
    return lines


def _liveness_seen(case: ReviewCase) -> list[Line]:
    """What of the tries before the camera needs the eye: all of them but the one that was passed."""
    facts, attempts = case.liveness, list(attempts_seen(case.liveness))
    lines: list[Line] = []
    if not facts.attempts:
        lines.append(wording.liveness(facts))
    elif attempts:
        lines.append(_refused_seen(facts))
    return [*lines, *attempts, *losses_seen(facts), *tries_seen(case.failed_tries)]


def _refused_seen(facts: LivenessFacts) -> Line:
    """How many attempts were refused: what a clerk stopped, or equipment broke off, nobody has failed."""
    counts = refused(facts)
    if counts.against:
        said = (wording.Review.LIVE_AFTER if facts.live else wording.Review.NEVER_LIVE).format(failed=counts.against)
    else:
        said = wording.Review.UNFINISHED_BEFORE if facts.live else wording.Review.UNFINISHED
    others = [
        each.format(count=count)
        for each, count in (
            (wording.Review.STOPPED, counts.stopped),
            (wording.Review.BY_EQUIPMENT, counts.by_equipment),
        )
        if count
    ]
    if others:
        said = wording.Review.BESIDES.format(words=said, others=wording.Review.BETWEEN.join(others))
    return "stop" if counts.against and not facts.live else "look", said


class ReasonList(Surface):
    """Each reason on a line with its sign."""

    def __init__(self) -> None:
        super().__init__(title=wording.Review.TO_LOOK_AT)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(2)
        self.column.addLayout(self._lines)
        self.column.addStretch(1)

    def show_lines(self, lines: list[Line]) -> None:
        while self._lines.count():
            if widget := self._lines.takeAt(0).widget():
                widget.deleteLater()
        for tone, words in lines:
            label = Text(wrap=True)
            label.say(f"{_SIGNS[tone]}  {words}", tone)
            self._lines.addWidget(label)
