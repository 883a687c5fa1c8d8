"""The key pictures of a session: committed with the attempt that they are of, and gone with it."""

import pytest

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.key_pictures import KEY_PICTURE_FILES
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.liveness import Refusal
from hallclient.domain.rule_pack import RulePack
from hallclient.domain.session import AbandonReason
from hallclient.rule_texts import ShippedRules, shipped_packs
from hallclient.services.access import OpenHall
from hallclient.services.pictures import decode_photo
from hallclient.services.session.engine import Session
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.stop import Stop
from hallclient.storage.vault import Vault
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.session.failing_matcher import DyingMatcher
from tests.hallclient.services.sessions import (
    UNSEEN,
    open_consented,
    open_session,
    resume_session,
    shown,
    stored,
    stored_portrait,
    walk,
)
from tests.rule_packs import RulesOf

FULL = KnownError(FailureCode.DISK_FULL, "evidence")


def on_disk(hall: OpenHall, session: Session) -> set[str]:
    """The names of the key pictures that lie in the session's folder, whole or half written."""
    folder = hall.vault.package(session.session_id).folder
    return {path.name.split(".")[1] for path in folder.iterdir() if "key_picture" in path.name}


def listed(hall: OpenHall, session: Session) -> list[list[str]]:
    """By the facts on the disk, of each attempt."""
    return [[one.file for one in attempt.pictures] for attempt in stored_portrait(hall, session).liveness.attempts]


def committed(hall: OpenHall, session: Session) -> set[str]:
    return {an_id.split(".")[1] for an_id in stored(hall, session).file_ids if "key_picture" in an_id}


def all_agree(hall: OpenHall, session: Session) -> bool:
    named = [name for names in listed(hall, session) for name in names]
    return len(named) == len(set(named)) and set(named) == committed(hall, session) == on_disk(hall, session)


def try_once(session: Session, code: FailureCode) -> None:
    with pytest.raises(KnownError) as caught:
        session.the(PortraitStep).compare(shown(session))
    assert caught.value.code is code


def holds(hall: OpenHall, session: Session) -> bool:
    return inspect(hall.vault.package(session.session_id), hall.roots, ShippedRules()).holds


def test_a_passed_check_leaves_a_picture_of_each_challenge_in_the_package(hall: OpenHall, clock: HandClock) -> None:
    session = open_consented(hall, doubles.equipment(clock), clock)
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    assert all_agree(hall, session)
    (attempt,) = stored_portrait(hall, session).liveness.attempts
    assert [one.challenge for one in attempt.pictures] == list(attempt.challenges)
    for one in attempt.pictures:
        content = hall.vault.get(session.session_id, f"holder.{one.file}", session.data_key)
        assert decode_photo(content).shape == (48, 64, 3)
        sealed = hall.vault.path(session.session_id, f"holder.{one.file}").read_bytes()
        assert b"JFIF" in content
        assert b"JFIF" not in sealed
    walk(session, clock)
    session.close()
    assert holds(hall, session)


def test_every_refused_check_keeps_its_pictures_and_there_are_few(hall: OpenHall, clock: HandClock) -> None:
    """Also over restarts of the program, and in a package that a supervisor decides."""
    matcher = doubles.Matcher(likeness=0.1)  # another person in each, after both challenges
    session = open_consented(hall, doubles.equipment(clock, matcher=matcher), clock)
    for tries in range(1, MOST_ATTEMPTS + 1):
        try_once(session, FailureCode.NOT_LIVE)
        assert [len(names) for names in listed(hall, session)] == [2] * tries
        assert all_agree(hall, session)
        session.close()
        session = resume_session(hall, doubles.equipment(clock, matcher=matcher), session.session_id)
        assert all_agree(hall, session)
    session.the(PortraitStep).leave_to_supervisor()
    assert all_agree(hall, session)
    assert len(on_disk(hall, session)) == 2 * MOST_ATTEMPTS
    walk(session, clock)
    session.close()
    assert holds(hall, session)


def test_who_sat_still_is_seen_in_the_picture_of_what_was_asked(hall: OpenHall, clock: HandClock) -> None:
    session = open_consented(hall, doubles.equipment(clock, customer=doubles.Customer(obeys=False)), clock)
    with pytest.raises(KnownError, match="not_live"):
        session.the(PortraitStep).compare(UNSEEN)
    (attempt,) = stored_portrait(hall, session).liveness.attempts
    assert (attempt.refusal, attempt.done) == (Refusal.TOO_SLOW, 0)
    assert [one.challenge for one in attempt.pictures] == [attempt.challenges[0]]
    assert all_agree(hall, session)
    session.close()


def test_a_check_that_was_passed_in_vain_keeps_its_pictures_until_another_is_judged(
    hall: OpenHall, clock: HandClock
) -> None:
    """However often: no number of failing comparisons fills the package."""
    matcher = DyingMatcher(FailureCode.FACE_WORKER_FAILED)
    session = open_consented(hall, doubles.equipment(clock, matcher=matcher), clock)
    for tries in range(1, 6):
        try_once(session, FailureCode.FACE_WORKER_FAILED)
        assert [len(names) for names in listed(hall, session)] == [0] * (tries - 1) + [2]
        assert all_agree(hall, session)
    matcher.failure = None
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    assert [len(names) for names in listed(hall, session)] == [0] * 5 + [2]
    assert all_agree(hall, session)
    walk(session, clock)
    session.close()
    assert holds(hall, session)


def test_a_check_that_was_stopped_has_no_pictures_and_takes_none_away(hall: OpenHall, clock: HandClock) -> None:
    matcher = DyingMatcher(FailureCode.FACE_WORKER_FAILED)
    session = open_consented(hall, doubles.equipment(clock, matcher=matcher), clock)
    try_once(session, FailureCode.FACE_WORKER_FAILED)
    stop = Stop()
    listener = shown(session)

    def stopping(challenge: object) -> None:
        if challenge is not None:
            stop.say()

    with pytest.raises(KnownError, match="check_stopped"):
        session.the(PortraitStep).compare(
            type(listener)(listener.on_frame, listener.on_sight, stopping, listener.on_advice), stop
        )
    assert [len(names) for names in listed(hall, session)] == [2, 0]
    assert all_agree(hall, session)
    session.close()


def test_who_takes_the_consent_back_leaves_nothing(hall: OpenHall, clock: HandClock) -> None:
    """Before the camera was used they refused; afterwards the session is abandoned with all its pictures."""
    session = open_consented(hall, doubles.equipment(clock, matcher=doubles.Matcher(likeness=0.1)), clock)
    try_once(session, FailureCode.NOT_LIVE)
    assert on_disk(hall, session) == {"key_picture_1", "key_picture_2"}
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.the(PortraitStep).give_consent(False)
    assert all_agree(hall, session)
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    assert not hall.vault.package(session.session_id).folder.exists()
    session.close()
    session = open_consented(hall, doubles.equipment(clock), clock)
    session.the(PortraitStep).give_consent(False)
    walk(session, clock)
    session.close()
    assert on_disk(hall, session) == set()
    assert holds(hall, session)


class FullVault:
    """The disk has no room for a key picture, until it has."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = False
        put = Vault.put

        def full(vault: Vault, session: str, file_id: str, data_key: bytes, plain: bytes) -> object:
            if file_id.endswith("key_picture_2") and not self.room:
                raise FULL
            return put(vault, session, file_id, data_key, plain)

        monkeypatch.setattr(Vault, "put", full)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_full_disk_makes_no_other_attempt_of_it_and_leaves_nothing_unlisted(
    hall: OpenHall, clock: HandClock, monkeypatch: pytest.MonkeyPatch, restarted: bool
) -> None:
    """The attempt is kept with its pictures before the next one begins; where the program ends, it was interrupted."""
    disk = FullVault(monkeypatch)
    matcher = doubles.Matcher(likeness=0.1)
    session = open_consented(hall, doubles.equipment(clock, matcher=matcher), clock)
    try_once(session, FailureCode.DISK_FULL)
    assert committed(hall, session) == set()
    assert on_disk(hall, session) == {"key_picture_1"}
    assert session.the(PortraitStep)._tried.liveness.attempts[-1].refusal is Refusal.OTHER_PERSON
    if restarted:
        session.close()
        session = resume_session(hall, doubles.equipment(clock, matcher=matcher), session.session_id)
        assert on_disk(hall, session) == set()
    disk.room = True
    try_once(session, FailureCode.NOT_LIVE)
    refusals = [attempt.refusal for attempt in stored_portrait(hall, session).liveness.attempts]
    first = Refusal.INTERRUPTED if restarted else Refusal.OTHER_PERSON
    assert refusals == [first, Refusal.OTHER_PERSON]
    assert [len(names) for names in listed(hall, session)] == [0 if restarted else 2, 2]
    assert all_agree(hall, session)
    session.close()


@pytest.mark.expects_log("a key picture that is no longer kept is not deleted yet: store_read_only")
def test_a_picture_that_cannot_be_deleted_is_cleared_at_the_seal(
    hall: OpenHall, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    matcher = DyingMatcher(FailureCode.FACE_WORKER_FAILED)
    session = open_consented(hall, doubles.equipment(clock, matcher=matcher), clock)
    try_once(session, FailureCode.FACE_WORKER_FAILED)
    matcher.failure = None

    def stuck(vault: Vault, session: str, file_id: str) -> None:
        raise KnownError(FailureCode.STORE_READ_ONLY)

    with monkeypatch.context() as patches:
        patches.setattr(Vault, "forget", stuck)
        session.the(PortraitStep).compare(shown(session))
    assert len(on_disk(hall, session)) == 4
    assert len(committed(hall, session)) == 2
    walk(session, clock)
    assert all_agree(hall, session)
    session.close()
    assert holds(hall, session)


def test_rules_that_do_not_ask_for_key_pictures_keep_none(hall: OpenHall, clock: HandClock) -> None:
    """As those of a session that was opened before they were asked for, and whose consent speaks of one photo."""
    before: RulePack = next(pack for pack in shipped_packs() if pack.id == "builtin/2")
    session = open_session(hall, doubles.equipment(clock), pack=before)
    walk(session, clock)
    session.close()
    assert on_disk(hall, session) == set()
    assert listed(hall, session) == [[]]
    assert inspect(hall.vault.package(session.session_id), hall.roots, RulesOf(before)).holds


def test_no_more_names_are_needed_than_there_are() -> None:
    """Those of all attempts that count, and of one more while what it replaces is still there."""
    assert len(KEY_PICTURE_FILES) == 2 * MOST_ATTEMPTS + 2
