"""The doubles of the services have the services' own signatures: no screen passes here and fails at the counter.

Each is its service's subclass, so mypy says that it fulfils what it stands for; what mypy allows and we do not is here.
"""

import inspect
import re

import pytest

from hallclient.rule_texts import built_in_pack
from tests.ui import doubles, review_doubles

DOUBLES = (
    doubles.Session,
    doubles.CardStep,
    doubles.PrecheckStep,
    doubles.PortraitStep,
    doubles.NoticeStep,
    doubles.SignatureStep,
    doubles.Counter,
    doubles.Dispatch,
    review_doubles.ReviewDesk,
)
IN_A_TESTS_HAND = {
    "about",
    "attempt",
    "calls",
    "come_to",
    "decide",
    "delivered",
    "enter",
    "find",
    "keep",
    "speak",
    "tell",
}
# Of the services' own, what needs no device and no disk; the rest is replaced, or nothing of a screen calls it.
PURE = {
    "expect",
    "forget",
    "is_done",
    "prepare_after",
    "refusal",
    "require_its_thread",
    "see_again",
    "stop",
    "stored",
    "the",
    "work",
    "work_of_kind",
}
OF_NO_SCREEN = {"now", "prepare", "reachable", "send_all", "start"}


def methods(kind: type) -> dict[str, inspect.Signature]:
    """The public methods that a class has of its own."""
    found = {name: member for name, member in vars(kind).items() if inspect.isfunction(member) and name[0] != "_"}
    return {name: inspect.signature(member) for name, member in found.items()}


def service_of(double: type) -> type:
    """What it stands for."""
    (service,) = double.__bases__
    assert service.__name__ == double.__name__
    return service


def spelt(annotation: object) -> str:
    """A type's name without its modules: a double's own session stands for the service's."""
    return re.sub(r"(\w+\.)+", "", inspect.formatannotation(annotation).strip("'"))


def parameters(signature: inspect.Signature) -> list[tuple[str, str, str]]:
    return [(one.name, one.kind.name, spelt(one.annotation)) for one in signature.parameters.values()]


def optional(signature: inspect.Signature) -> set[str]:
    return {one.name for one in signature.parameters.values() if one.default is not one.empty}


@pytest.mark.parametrize("double", DOUBLES)
def test_a_double_is_called_as_its_service_is(double: type) -> None:
    service = service_of(double)
    own, real = methods(double), methods(service)
    assert own.keys() - IN_A_TESTS_HAND <= {*real, *dir(service)}
    for name in own.keys() & real.keys():
        assert parameters(own[name]) == parameters(real[name]), name
        assert optional(own[name]) <= optional(real[name]), name
        assert spelt(own[name].return_annotation) == spelt(real[name].return_annotation), name


@pytest.mark.parametrize("double", DOUBLES)
def test_nothing_of_a_service_that_needs_a_device_or_a_disk_is_reached_through_its_double(double: type) -> None:
    """A method that the service gets is to be replaced, or named here."""
    assert methods(service_of(double)).keys() - methods(double).keys() - PURE - OF_NO_SCREEN == set()


@pytest.mark.parametrize("scene", [scene.code for scene in built_in_pack().scenes])
def test_what_a_service_shows_its_double_shows(scene: str) -> None:
    session = doubles.Session(scene)
    for double in (session, *session.works, doubles.Counter(), doubles.Dispatch(), review_doubles.ReviewDesk([])):
        service = service_of(type(double))
        shown = {name for name, member in vars(service).items() if isinstance(member, property) and name[0] != "_"}
        assert {name for name in shown if not hasattr(double, name)} == set()


def test_the_steps_have_the_ids_of_the_longest_plan() -> None:
    longest = max((doubles.plan_of(scene.code) for scene in built_in_pack().scenes), key=lambda plan: len(plan.steps))
    assert [*(step.id for step in longest.steps), doubles.Step.SEAL] == list(doubles.Step)
