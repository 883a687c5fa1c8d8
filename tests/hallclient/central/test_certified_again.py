"""Over the wire: counters that were enrolled before their centre had another issuing key, or another root."""

from pathlib import Path

import pytest

from hallclient.central.centre import Centre
from hallclient.central.root import new_root
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.system import SystemClock, SystemEntropy
from tests.hallclient.central.running import enrol, running
from tests.packages import CountedEntropy

CLOCK, ENTROPY = SystemClock(), SystemEntropy()


def test_a_counter_goes_on_with_another_issuing_key_and_not_with_another_root(tmp_path: Path) -> None:
    root, other = new_root("r", CLOCK, ENTROPY), new_root("o", CLOCK, ENTROPY)
    folder = tmp_path / "central"
    hall = enrol(Centre.create(folder, "c", False, CLOCK, ENTROPY, (), root), tmp_path)
    package = hall.build(tmp_path / "package", CountedEntropy())
    with running(Centre.certify(folder, root, CLOCK, ENTROPY, 398)) as url, hall.client(url) as client:
        assert client.send(package.files, package.manifest.session).receipt.session == package.manifest.session
        renewed = client.renew_device().verified(CLOCK.now(), hall.roots)
        assert renewed.issuers != hall.device.chain.to_texts()[1]
    with running(Centre.certify(folder, other, CLOCK, ENTROPY, 398)) as url:
        with hall.client(url) as client, pytest.raises(KnownError) as caught:
            client.probe(30)
        assert caught.value.code is FailureCode.CENTRE_UNTRUSTED
        # Enrolled anew under the new root it is the same device, and the centre still knows the old one's word.
        again = enrol(Centre.open(folder, CLOCK, ENTROPY), tmp_path, key=hall.device.key)
        later = again.build(tmp_path / "later", CountedEntropy("later"), sequence=2)
        with again.client(url) as client:
            assert client.send(later.files, later.manifest.session).receipt.issuers != ()
            client.probe(30)
            assert client.newest_list == client.revocations().number
