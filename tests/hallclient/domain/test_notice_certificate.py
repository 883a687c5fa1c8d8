"""A one-time key signs one notice: its certificate names session and strokes, and is believed for nothing else."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallclient.domain.certificate_issuing import Subject, issue, make_root
from hallclient.domain.certificates import CertificateChain, CertificateRole
from hallclient.domain.inspection_question import Question
from hallclient.domain.notice_certificate import is_for, notice_uris
from tests.hallclient.domain.inspection.world import ANOTHER_SESSION, make_world
from tests.packages import NOW

SESSION, STROKES = "019c0000-0000-7000-8000-000000000001", "ab" * 32
URIS = notice_uris(SESSION, STROKES)


def certificate(uris: Sequence[str], hosts: Sequence[str] = ()) -> x509.Certificate:
    key = Ed25519PrivateKey.generate()
    root = CertificateChain(make_root("test", key, NOW))
    subject = Subject("notice", uris=tuple(uris), hosts=tuple(hosts))
    return issue(root, key, key.public_key(), subject, CertificateRole.NOTICE, NOW).leaf


def test_what_it_names() -> None:
    assert (f"urn:uuid:{SESSION}", f"urn:sha256:{STROKES}") == URIS
    assert is_for(certificate(URIS), SESSION, STROKES)


@pytest.mark.parametrize(
    "uris",
    [
        (),
        URIS[:1],
        URIS[1:],
        URIS[::-1],
        (*URIS, "urn:uuid:019c0000-0000-7000-8000-000000000002"),
        (URIS[0].upper(), URIS[1]),
        notice_uris(ANOTHER_SESSION, STROKES),
        notice_uris(SESSION, "cd" * 32),
    ],
)
def test_nothing_less_and_nothing_more(uris: tuple[str, ...]) -> None:
    assert not is_for(certificate(uris), SESSION, STROKES)


def test_not_beside_a_host() -> None:
    assert not is_for(certificate(URIS, hosts=["localhost"]), SESSION, STROKES)


@pytest.mark.parametrize(
    "named",
    [(), notice_uris(ANOTHER_SESSION, STROKES), ("urn:uuid:x", "urn:sha256:x")],
    ids=["nothing", "another session and its strokes", "rubbish"],
)
def test_a_notice_signed_for_another_session_is_refused(tmp_path: Path, named: tuple[str, ...]) -> None:
    """T4: one customer's notice under another session's manifest."""
    world = make_world()
    package = world.build(tmp_path / "package", notice_uris=named or ("urn:none:",))
    assert world.failed(package) == {("notice.enc", Question.NOTICE_KEY_NAMED)}
