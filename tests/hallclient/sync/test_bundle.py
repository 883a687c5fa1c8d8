"""Cutting a package into objects and parts."""

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import BinaryIO

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.domain.evidence.manifest import Manifest
from hallclient.sync import bundle as bundle_module
from hallclient.sync.bundle import bundle, describe, outgoing_objects
from tests.packages import CountedEntropy, build_package, make_authority

LARGE = "recording.enc"
SEALED = [
    "business.enc",
    "holder.record.enc",
    "holder.portrait.enc",
    "holder.live_photo.enc",
    "holder.key_picture_1.enc",
    "holder.key_picture_2.enc",
    "strokes.enc",
    "notice.enc",
]
BUNDLED = [*SEALED, "review_note.enc", "review.json", "review.sig"]
NOT_BUNDLED = [LARGE, "manifest.json", "manifest.sig", "receipt.json", "notes.txt", "agent.record.enc"]


class MemoryFiles:
    """A package in memory, listed in any order."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._contents = contents

    def names(self) -> list[str]:
        return list(self._contents)

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self._contents[name])


@contextmanager
def parts_of(size: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle_module, "PART_BYTES", size)
        yield


def content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    entropy = CountedEntropy()
    root, centre_key = make_authority(entropy), X25519PrivateKey.from_private_bytes(entropy.token(32))
    folder = tmp_path_factory.mktemp("bundle") / "package"
    return build_package(folder, root.device(entropy), centre_key.public_key(), entropy).manifest


contents = st.dictionaries(st.sampled_from(BUNDLED + NOT_BUNDLED), st.binary(max_size=3000))


@given(files=contents, random=st.randoms(use_true_random=False))
def test_a_bundle_depends_on_the_files_alone(files: dict[str, bytes], random: Random, manifest: Manifest) -> None:
    shuffled = list(files.items())
    random.shuffle(shuffled)
    assert bundle(MemoryFiles(dict(shuffled)), manifest, [LARGE]) == bundle(MemoryFiles(files), manifest, [LARGE])


@given(files=contents)
def test_a_bundle_holds_what_it_should_and_nothing_else(files: dict[str, bytes], manifest: Manifest) -> None:
    packed = bundle(MemoryFiles(files), manifest, [LARGE])
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        unpacked = {member.name: content(archive, member) for member in archive}
        assert {(member.mtime, member.uid, member.gid, member.uname) for member in archive} <= {(0, 0, 0, "")}
    assert unpacked == {name: content for name, content in files.items() if name in BUNDLED}


@given(content=st.binary(min_size=1, max_size=200), size=st.integers(1, 64))
@settings(max_examples=200)
def test_parts_add_up_to_the_object(content: bytes, size: int, manifest: Manifest) -> None:
    with parts_of(size):
        _, video = outgoing_objects(MemoryFiles({LARGE: content}), manifest)
        bodies = [video.part(part.number) for part in video.description.parts]
    assert b"".join(bodies) == content
    assert [len(body) for body in bodies] == [part.bytes for part in video.description.parts]
    assert {len(body) for body in bodies[:-1]} <= {size}
    assert [part.number for part in video.description.parts] == list(range(1, len(bodies) + 1))
    assert video.description.bytes == len(content)


def test_a_part_is_five_mebibytes() -> None:
    description = describe(LARGE, io.BytesIO(bytes(12 * 1024 * 1024)))
    assert [part.bytes for part in description.parts] == [5 * 1024 * 1024, 5 * 1024 * 1024, 2 * 1024 * 1024]


def test_a_package_without_a_video_is_one_object(manifest: Manifest) -> None:
    (only,) = outgoing_objects(MemoryFiles({"holder.record.enc": b"sealed"}), manifest)
    assert only.description.name == "bundle.tar"
