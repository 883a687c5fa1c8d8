"""Who does a step of each kind: one line each."""

from hallclient.domain.failures import BugError
from hallclient.domain.plan import PlannedStep
from hallclient.services.session.card import CardStep
from hallclient.services.session.notice import NoticeStep
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.session.precheck import PrecheckStep
from hallclient.services.session.signature import SignatureStep
from hallclient.services.session.step import Keeper, StepWork

_works: dict[str, type[StepWork]] = {
    "card": CardStep,
    "precheck": PrecheckStep,
    "portrait": PortraitStep,
    "notice": NoticeStep,
    "signature": SignatureStep,
}


def register(kind: str, work: type[StepWork]) -> None:
    """Who does a kind of step that is not of this program. Raises BugError for one that is done already."""
    if kind in _works:
        raise BugError(f"{kind} is done already")
    _works[kind] = work


def work_for(keeper: Keeper, step: PlannedStep) -> StepWork:
    work = _works.get(step.kind)
    if work is None:
        raise BugError(f"nobody does {step.kind}")
    return work(keeper, step)
