"""The evidence files of a hall: one folder per session, which becomes the package when it is sealed."""

import hashlib
from collections.abc import Collection
from pathlib import Path

from hallclient.devices import Entropy
from hallclient.domain.aead_stream import RANDOM_BYTES, SealedReader, SealedWriter
from hallclient.domain.evidence.files import SEALED_SUFFIX, FileEntry, file_name
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.durable import sync_folder
from hallclient.regular_file import must_be_regular
from hallclient.storage.durable import replacing
from hallclient.storage.package_folder import PART_SUFFIX, PackageFolder
from hallclient.storage.store_failures import of_os_error, store_failures

_BLOCK_BYTES = 1024 * 1024


class Vault:
    """Writes and reads the encrypted files of sessions. Nothing reaches the disk in the clear."""

    def __init__(self, folder: Path, entropy: Entropy) -> None:
        with store_failures(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._entropy = entropy

    def package(self, session: str) -> PackageFolder:
        """The session's folder; it need not exist yet."""
        return PackageFolder(self._folder / session)

    def prepare(self, session: str) -> None:
        """Make the folder of a new session, or clear a resumed one of files that were never finished."""
        folder = self.package(session).folder
        with store_failures(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
            for part in folder.glob(f"*{PART_SUFFIX}"):
                part.unlink()
            sync_folder(self._folder)

    def sessions(self) -> set[str]:
        """Of which there is a folder. Raises store_read_only, store_unreadable."""
        with store_failures(self._folder):
            return {path.name for path in self._folder.iterdir()}

    def clear_unlisted(self, session: str, listed: Collection[str]) -> None:
        """Delete the files of a session whose ids nothing lists, whole or half written: their commit never came."""
        folder, names = self.package(session).folder, {file_name(one) for one in listed}
        with store_failures(folder):
            for path in folder.glob(f"*{SEALED_SUFFIX}*"):
                if path.name not in names:
                    path.unlink()

    def forget(self, session: str, file_id: str) -> None:
        """Delete the session's file of this id, whole or half written, where there is one."""
        with store_failures(self.path(session, file_id)):
            self.part_path(session, file_id).unlink(missing_ok=True)
            self.path(session, file_id).unlink(missing_ok=True)

    def clear_unfinished(self) -> None:
        """Delete what crashed sessions left half written, and folders of those that were never committed.

        Only for who holds the hall's folder, before any session. Documents are left alone: a courier of another program
        may be writing a receipt. A session that was opened and no more gets its empty folder back (`prepare`).
        """
        with store_failures(self._folder):
            for part in self._folder.glob(f"*/*.enc{PART_SUFFIX}"):
                part.unlink()
                sync_folder(part.parent)
            for folder in self._folder.iterdir():
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()

    def put(self, session: str, file_id: str, data_key: bytes, plain: bytes) -> FileEntry:
        """Encrypt `plain` into the session's file of this id, in place of an earlier one. Raises disk_full."""
        with replacing(self.path(session, file_id)) as file:
            writer = SealedWriter(file, data_key, self._entropy.token(RANDOM_BYTES))
            writer.write(plain)
            writer.close()
        return FileEntry(
            id=file_id,
            plain_bytes=writer.plain_bytes,
            plain_sha256=writer.plain_sha256,
            sealed_bytes=writer.sealed_bytes,
            sealed_sha256=writer.sealed_sha256,
        )

    def put_document(self, session: str, stem: str, document: bytes, signature: bytes) -> None:
        """Write `stem`.json and `stem`.sig. The signature comes last: a document without one does not count."""
        folder = self.package(session).folder
        for name, content in ((f"{stem}.json", document), (f"{stem}.sig", signature)):
            with replacing(folder / name) as file:
                file.write(content)

    def put_beside_manifest(self, session: str, name: str, content: bytes) -> None:
        """Write what somebody else than the device says of the manifest: `CLERK_SIGNATURE`, `MANIFEST_TIMESTAMP`."""
        with replacing(self.package(session).folder / name) as file:
            file.write(content)

    def path(self, session: str, file_id: str) -> Path:
        return self.package(session).folder / file_name(file_id)

    def part_path(self, session: str, file_id: str) -> Path:
        """Where a file is written while it grows; `adopt` makes it a member of the package."""
        path = self.path(session, file_id)
        return path.with_name(path.name + PART_SUFFIX)

    def new_part_path(self, session: str, file_id: str) -> Path:
        """`part_path` with nothing there: what was finished but could not be adopted is deleted."""
        part = self.part_path(session, file_id)
        with store_failures(part):
            part.unlink(missing_ok=True)
        return part

    def adopt(self, session: str, file_id: str, plain_bytes: int, plain_sha256: str) -> FileEntry:
        """Make the finished part file a member of the package; harmless when that was done before."""
        part = self.part_path(session, file_id)
        size, digest = 0, hashlib.sha256()
        with store_failures(part):
            if not part.exists():  # an adoption that failed after the file had its name
                part = self.path(session, file_id)
            with part.open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    size += len(block)
                    digest.update(block)
            part.replace(self.path(session, file_id))
            sync_folder(part.parent)
        return FileEntry(
            id=file_id,
            plain_bytes=plain_bytes,
            plain_sha256=plain_sha256,
            sealed_bytes=size,
            sealed_sha256=digest.hexdigest(),
        )

    def open(self, session: str, file_id: str, data_key: bytes) -> SealedReader:
        """The decrypted content, seekable. Closing the reader closes the file. Raises evidence_damaged."""
        try:
            must_be_regular(self.path(session, file_id))
            file = self.path(session, file_id).open("rb")
        except FileNotFoundError:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, file_name(file_id)) from None
        except OSError as error:
            raise of_os_error(error, self.path(session, file_id)) from error
        try:
            reader = SealedReader(file, data_key)
        except KnownError:
            file.close()
            raise
        if not reader.complete:  # members of a package always are; a short file under a foreign key looks torn, too
            reader.close()
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, file_name(file_id))
        return reader

    def get(self, session: str, file_id: str, data_key: bytes) -> bytes:
        """The whole decrypted content. Raises evidence_damaged."""
        with self.open(session, file_id, data_key) as reader:
            return reader.read()

    def discard(self, session: str) -> None:
        """Delete everything of a session that ended without a package: nothing of it may be kept."""
        folder = self.package(session).folder
        with store_failures(folder):
            if folder.is_dir():
                for path in folder.iterdir():
                    path.unlink(missing_ok=True)  # another program may be at it, too
                folder.rmdir()
                sync_folder(self._folder)
