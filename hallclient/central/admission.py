"""What a registration must be before the centre takes a single part of it."""

from cryptography import x509

from hallclient.central.messages import BUNDLE, PART_BYTES, ObjectDescription, Registration
from hallclient.central.package import ReceivedPackage
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.sender import Sender, sender_of
from hallclient.domain.certificates import from_text
from hallclient.domain.evidence import MANIFEST
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.inspection.package import Rules, inspect
from hallclient.domain.step_kinds import large_files

BUNDLE_BYTES = 64 * 1024 * 1024  # the bundle is unpacked in memory


def admit(
    sender: Sender, session: str, registration: Registration, root: x509.Certificate, rules: Rules, practice: bool
) -> Manifest:
    """The manifest of an acceptable registration.

    Args:
        sender: who sends it, by the certificate of the connection: the same key as signed it, since a device that was
            moved to another counter still has to send what it did before.
        rules: by which plans are judged.
        practice: the centre takes sessions of practice devices.

    Refuses: manifest_refused, device_differs, practice_package, objects_refused.
    """
    manifest = _trusted_manifest(registration, root, rules)
    if manifest.session != session:
        raise RefusalError(RefusalCode.MANIFEST_REFUSED, "the manifest is of another session")
    if sender != sender_of(from_text(manifest.certificate)):
        raise RefusalError(RefusalCode.DEVICE_DIFFERS, "another device signed the manifest")
    if not practice and (manifest.practice or manifest.practised):
        raise RefusalError(RefusalCode.PRACTICE_PACKAGE, "this centre takes no practice sessions")
    _check_objects(manifest, registration.objects)
    return manifest


def _trusted_manifest(registration: Registration, root: x509.Certificate, rules: Rules) -> Manifest:
    """The same inspection as at the commit, of which only what makes it no manifest counts here: what it contradicts is
    for the receipt.
    """
    package = ReceivedPackage(registration.manifest.encode(), bytes.fromhex(registration.signature), {}, None)
    inspection = inspect(package, [root], rules)
    asked = inspection.broken if inspection.manifest is not None else inspection.failed
    failed = [check for check in asked if check.file.startswith(f"{MANIFEST}.")]
    if failed or inspection.manifest is None:
        raise RefusalError(
            RefusalCode.MANIFEST_REFUSED, "; ".join(f"{check.file}: {check.question}" for check in failed)
        )
    return inspection.manifest


def _check_objects(manifest: Manifest, objects: list[ObjectDescription]) -> None:
    large = {entry.file_name: entry for entry in manifest.files if entry.id in large_files(manifest.plan)}
    if sorted(item.name for item in objects) != sorted((BUNDLE, *large)):
        raise RefusalError(RefusalCode.OBJECTS_REFUSED, "not the objects of this manifest")
    for item in objects:
        whole, rest = divmod(item.bytes, PART_BYTES)
        sizes = [PART_BYTES] * whole + [rest] * bool(rest)
        if [(part.number, part.bytes) for part in item.parts] != list(enumerate(sizes, start=1)):
            raise RefusalError(RefusalCode.OBJECTS_REFUSED, f"{item.name}: parts do not add up")
        if item.name == BUNDLE:
            if item.bytes > BUNDLE_BYTES:
                raise RefusalError(RefusalCode.OBJECTS_REFUSED, f"{item.name}: too large")
        elif (item.bytes, item.sha256) != (large[item.name].sealed_bytes, large[item.name].sealed_sha256):
            raise RefusalError(RefusalCode.OBJECTS_REFUSED, f"{item.name}: not the file of this manifest")
