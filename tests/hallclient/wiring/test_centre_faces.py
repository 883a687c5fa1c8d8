"""The centre compares with the engine of the counters, in a process of its own."""

import contextlib
import os
import signal
from importlib import resources

import pytest

from drivers.practice.idcard.portrait_encoder import encode_portrait
from hallclient.central.policy import Policy, policy_from
from hallclient.domain.comparison import Decision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.picture_decoding import decode_picture
from hallclient.wiring.centre_faces import CentreFaces, centre_faces

PICTURES = resources.files("assets") / "practice"


def portrait() -> bytes:
    return encode_portrait(decode_picture((PICTURES / "guo_card.png").read_bytes()))


def photo(name: str) -> bytes:
    return (PICTURES / name).read_bytes()


@contextlib.contextmanager
def engine(policy: Policy):  # type: ignore[no-untyped-def]
    with centre_faces() as make:
        yield make(policy)


def test_it_tells_one_person_from_two_and_survives_its_process() -> None:
    with engine(policy_from({})) as faces:
        assert isinstance(faces, CentreFaces)
        faces.prewarm()
        assert faces.compare(portrait(), photo("guo_live1.jpg")).decision is Decision.MATCHED
        assert faces.compare(portrait(), photo("he_live1.jpg")).decision is Decision.MISMATCHED
        with pytest.raises(KnownError) as caught:
            faces.compare(b"WLf\0".ljust(1024, b"x"), photo("guo_live1.jpg"))
        assert caught.value.code is FailureCode.PORTRAIT_UNREADABLE
        with pytest.raises(KnownError) as caught:
            faces.compare(portrait(), b"x" * 1000)
        assert caught.value.code is FailureCode.PICTURE_UNREADABLE


@pytest.mark.expects_log("the face process was lost")
def test_a_process_that_was_killed_is_replaced() -> None:
    with engine(policy_from({})) as faces:
        assert faces.compare(portrait(), photo("guo_live1.jpg")).decision is Decision.MATCHED
        os.kill(faces._worker.pid, signal.SIGKILL)
        assert faces.compare(portrait(), photo("guo_live1.jpg")).decision is Decision.MATCHED


def test_the_centres_thresholds_decide() -> None:
    strict = {"match": 0.999, "doubt": 0.99, "false_accept_rate": 1e-4, "dataset": "own", "measured_on": "2026-01-01"}
    with engine(policy_from({"thresholds": {"sface": strict}})) as faces:
        assert faces.compare(portrait(), photo("guo_live1.jpg")).decision is Decision.MISMATCHED


def test_without_an_engine_nothing_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hallclient.wiring.centre_faces.installed_engines", lambda: ())
    with engine(policy_from({})) as faces:
        assert faces is None
