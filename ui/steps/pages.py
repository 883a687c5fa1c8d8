"""The page of each kind of step: one line each."""

from typing import Any, Protocol

from ui import wording
from ui.steps.card import CardPage
from ui.steps.notice import NoticePage
from ui.steps.page import StepPage
from ui.steps.portrait import PortraitPage
from ui.steps.precheck import PrecheckPage
from ui.steps.signature import SignaturePage
from ui.steps.workplace import Workplace


class MakePage(Protocol):
    """Makes the page of a step; `work` is what `hallclient.services.session.kinds` has for its kind."""

    def __call__(self, workplace: Workplace, work: Any) -> StepPage: ...


_pages: dict[str, MakePage] = {
    "card": CardPage,
    "precheck": PrecheckPage,
    "portrait": PortraitPage,
    "notice": NoticePage,
    "signature": SignaturePage,
}


def register(kind: str, make: MakePage, name: str) -> None:
    """The page of a kind of step that is not of this program, and how the list of steps calls it."""
    _pages[kind], wording.STEPS[kind] = make, name


def page_for(workplace: Workplace, step_id: str) -> StepPage:
    """The page of this step of the workplace's session."""
    work = workplace.session.work(step_id)
    return _pages[work.planned.kind](workplace, work)
