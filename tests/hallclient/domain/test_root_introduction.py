"""A new root is believed on a known one's word, and on nobody else's."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallclient.domain.certificate_issuing import Subject, make_root
from hallclient.domain.certificates import CertificateRole
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.root_introduction import SignedIntroduction, introduce
from tests.clock import NOON
from tests.halls import TestCentre

CENTURY = dt.timedelta(days=36500)


def root(name: str = "new", now: dt.datetime = NOON) -> tuple[x509.Certificate, Ed25519PrivateKey]:
    key = Ed25519PrivateKey.generate()
    return make_root(name, key, now), key


OLD, OLD_KEY = root("old")
NEW, NEW_KEY = root()


def code_of(signed: SignedIntroduction, known: list[x509.Certificate], at: dt.datetime = NOON) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        signed.introduced(known, at)
    return caught.value.code


def test_the_old_roots_word_counts() -> None:
    signed = SignedIntroduction.from_json(introduce(OLD, OLD_KEY, NEW, NOON).to_json())
    assert signed.introduced([TestCentre(NOON).root, OLD], NOON) == NEW


def test_nobody_elses_does() -> None:
    issuer = TestCentre(NOON)
    known = [OLD, issuer.root]
    for signed in (
        introduce(NEW, NEW_KEY, NEW, NOON),  # the new one's own
        introduce(OLD, NEW_KEY, NEW, NOON),  # in the old one's name
        introduce(issuer.issuer.leaf, issuer.issuer_key, NEW, NOON),  # an issuer under a known root
    ):
        assert code_of(signed, known) is FailureCode.CENTRE_UNTRUSTED
    genuine = introduce(OLD, OLD_KEY, NEW, NOON)
    for at in (NOON - CENTURY, NOON + CENTURY):
        assert code_of(genuine, known, at) is FailureCode.CENTRE_UNTRUSTED
    assert code_of(genuine, [issuer.root]) is FailureCode.CENTRE_UNTRUSTED


def test_only_a_root_is_introduced() -> None:
    centre = TestCentre(NOON)
    key = Ed25519PrivateKey.generate().public_key()
    for role in sorted(set(CertificateRole) - {CertificateRole.ROOT}):
        with pytest.raises(KnownError) as caught:
            introduce(OLD, OLD_KEY, centre.issued(key, Subject("x"), role).leaf, NOON)
        assert caught.value.code is FailureCode.INPUT_INVALID


def test_a_changed_word_is_none() -> None:
    signed = introduce(OLD, OLD_KEY, NEW, NOON)
    other = introduce(OLD, OLD_KEY, root("other")[0], NOON)
    assert code_of(signed.model_copy(update={"signature": other.signature}), [OLD]) is FailureCode.CENTRE_UNTRUSTED
    for text in ("{}", "", signed.introduction + " ", signed.introduction.replace('"root":"', '"root":"zz')):
        assert code_of(signed.model_copy(update={"introduction": text}), [OLD]) is FailureCode.INPUT_INVALID
    with pytest.raises(KnownError) as caught:
        SignedIntroduction.from_json(b"{}")
    assert caught.value.code is FailureCode.INPUT_INVALID
