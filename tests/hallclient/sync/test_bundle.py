"""Cutting a package into objects and parts."""

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.domain.evidence import FileKind
from hallclient.sync import bundle as bundle_module
from hallclient.sync.bundle import bundle, describe, outgoing_objects

BUNDLED = [kind.file_name for kind in FileKind if kind is not FileKind.READING] + ["review.json", "review.sig"]
NOT_BUNDLED = ["reading.enc", "manifest.json", "manifest.sig", "receipt.json", "notes.txt"]


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


contents = st.dictionaries(st.sampled_from(BUNDLED + NOT_BUNDLED), st.binary(max_size=3000))


@given(contents, st.randoms(use_true_random=False))
def test_a_bundle_depends_on_the_files_alone(files: dict[str, bytes], random: object) -> None:
    shuffled = list(files.items())
    random.shuffle(shuffled)
    assert bundle(MemoryFiles(dict(shuffled))) == bundle(MemoryFiles(files))


@given(contents)
def test_a_bundle_holds_what_it_should_and_nothing_else(files: dict[str, bytes]) -> None:
    with tarfile.open(fileobj=io.BytesIO(bundle(MemoryFiles(files)))) as archive:
        unpacked = {member.name: archive.extractfile(member).read() for member in archive}
        assert {(member.mtime, member.uid, member.gid, member.uname) for member in archive} <= {(0, 0, 0, "")}
    assert unpacked == {name: content for name, content in files.items() if name in BUNDLED}


@given(content=st.binary(min_size=1, max_size=200), size=st.integers(1, 64))
@settings(max_examples=200)
def test_parts_add_up_to_the_object(content: bytes, size: int) -> None:
    with parts_of(size):
        _, video = outgoing_objects(MemoryFiles({"reading.enc": content}))
        bodies = [video.part(part.number) for part in video.description.parts]
    assert b"".join(bodies) == content
    assert [len(body) for body in bodies] == [part.bytes for part in video.description.parts]
    assert {len(body) for body in bodies[:-1]} <= {size}
    assert [part.number for part in video.description.parts] == list(range(1, len(bodies) + 1))
    assert video.description.bytes == len(content)


def test_a_part_is_five_mebibytes() -> None:
    description = describe("reading.enc", io.BytesIO(bytes(12 * 1024 * 1024)))
    assert [part.bytes for part in description.parts] == [5 * 1024 * 1024, 5 * 1024 * 1024, 2 * 1024 * 1024]


def test_a_package_without_a_video_is_one_object() -> None:
    (only,) = outgoing_objects(MemoryFiles({"record.enc": b"sealed"}))
    assert only.description.name == "bundle.tar"
