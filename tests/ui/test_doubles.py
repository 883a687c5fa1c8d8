"""The doubles of the services have the services' own signatures: no screen passes here and fails at the counter."""

import inspect
import re

import pytest
from hallclient.services.verification import Verification

from hallclient.services.counter import Counter
from hallclient.services.dispatch import Dispatch
from hallclient.services.review import ReviewDesk
from tests.ui import doubles

SERVICES = (Verification, Counter, Dispatch, ReviewDesk)
IN_A_TESTS_HAND = {"speak", "calls", "tell"}
RETURNS_NOTHING = {"seal"}  # its manifest is for the package; no screen sees it


def methods(kind: type) -> dict[str, inspect.Signature]:
    """The public methods of a class."""
    found = {name: member for name, member in vars(kind).items() if inspect.isfunction(member) and name[0] != "_"}
    return {name: inspect.signature(member) for name, member in found.items()}


def spelt(annotation: object) -> str:
    """A type's name without its modules: a double's own session stands for the service's."""
    return re.sub(r"(\w+\.)+", "", inspect.formatannotation(annotation).strip("'"))


def parameters(signature: inspect.Signature) -> list[tuple[str, str, str]]:
    return [(one.name, one.kind.name, spelt(one.annotation)) for one in signature.parameters.values()]


def optional(signature: inspect.Signature) -> set[str]:
    return {one.name for one in signature.parameters.values() if one.default is not one.empty}


@pytest.mark.parametrize("service", SERVICES)
def test_a_double_is_called_as_its_service_is(service: type) -> None:
    real, double = methods(service), methods(getattr(doubles, service.__name__))
    assert double.keys() - IN_A_TESTS_HAND <= {*real, *vars(service)}
    for name in double.keys() & real.keys():
        assert parameters(double[name]) == parameters(real[name]), name
        assert optional(double[name]) <= optional(real[name]), name
        if name not in RETURNS_NOTHING:
            assert spelt(double[name].return_annotation) == spelt(real[name].return_annotation), name


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_shows_its_double_shows(service: type) -> None:
    shown = {name for name, member in vars(service).items() if isinstance(member, property) and name[0] != "_"}
    kind = getattr(doubles, service.__name__)
    double = kind([]) if service is ReviewDesk else kind()
    assert {name for name in shown if not hasattr(double, name)} == set()
