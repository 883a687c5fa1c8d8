"""A clerk leaves in the middle of a session, and a colleague goes on with it at the same counter."""

from contextlib import closing

import pytest

from hallclient.domain.documents import parse, read_document
from hallclient.domain.evidence import MANIFEST
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.failures import KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.review import may_review
from hallclient.domain.staff import Role, Staff
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import OpenHall
from hallclient.services.counter import Counter
from hallclient.services.preparation import Preparation
from hallclient.storage.audit import events
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import CLERK, OTHER_CLERK, open_hall


def test_each_step_says_who_did_it_and_the_package_is_whole(hall: OpenHall, clock: HandClock) -> None:
    begun = open_session(hall, doubles.equipment(clock))
    walk(begun, clock, until="notice")
    begun.close()
    with closing(open_hall(hall.folder, clock, OTHER_CLERK)) as other:
        counter = Counter(other, Preparation.of(doubles.equipment(clock)))
        (left,) = counter.unfinished()
        assert (left.session_id, left.colleague) == (begun.session_id, CLERK)
        session = counter.resume(left.session_id)
        assert [one.colleague for one in counter.unfinished()] == [None]
        walk(session, clock)
        counter.close_session()
        package = other.vault.package(session.session_id)
        assert inspect(package, other.roots, ShippedRules()).holds
        with package.open(f"{MANIFEST}.json") as file:
            manifest = parse(Manifest, read_document(file))
        with other.database.reading() as tables:
            told = [event for _, event in events(tables, session.session_id) if event.event == "session_taken_over"]
    assert (manifest.clerk, manifest.sealed_by) == (OTHER_CLERK, OTHER_CLERK)
    by = {step.planned.kind: step.by for step in manifest.steps}
    assert by == {
        "card": CLERK,
        "precheck": CLERK,
        "portrait": CLERK,
        "notice": OTHER_CLERK,
        "signature": OTHER_CLERK,
    }
    assert [(event.actor, event.detail) for event in told] == [(OTHER_CLERK, {"clerk": CLERK})]
    for number in (CLERK, OTHER_CLERK):
        with pytest.raises(KnownError, match="own_session"):
            may_review(Staff(number, Role.SUPERVISOR), manifest.people)


def test_a_clerks_own_come_first(hall: OpenHall, clock: HandClock) -> None:
    own = open_session(hall, doubles.equipment(clock))
    own.close()
    clock.advance(60)  # their ids are made of the time
    with closing(open_hall(hall.folder, clock, OTHER_CLERK)) as other:
        open_session(other, doubles.equipment(clock)).close()
        counter = Counter(hall, Preparation.of(doubles.equipment(clock)))
        listed = [(one.session_id == own.session_id, one.colleague) for one in counter.unfinished()]
    assert listed == [(True, None), (False, OTHER_CLERK)]
