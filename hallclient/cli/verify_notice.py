"""`hallclient verify FILE.pdf`: is a signed notice valid by itself, and since when can that be proven."""

import tomllib
from contextlib import nullcontext
from importlib import resources
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from hallclient import settings
from hallclient.cli.given_file import about, read_given
from hallclient.cli.known_revocations import known_revocations
from hallclient.cli.output import answer
from hallclient.domain.certificates import load_roots
from hallclient.domain.notice_validation import ProvenTime, validate_notice
from hallclient.services.access import iso
from hallclient.services.timestamps import roots_in
from hallclient.system import SystemClock

_LARGEST_BYTES = 64 * 1024 * 1024  # a notice has one or two million, and some ten thousand more with each renewal


def verify_notice(
    file: Path,
    roots: Path | None,
    timestamp_roots: Path | None,
    revocations: Path | None,
    data: Path | None,
    *,
    as_json: bool,
) -> None:
    """Print the answer; a notice that is not valid is a negative one.

    The roots are the given ones, else those of the hall, and so is what was revoked; without any roots for timestamp
    services, no timestamp proves anything.
    """
    with about("FILE.pdf"):
        pdf = read_given(file, _LARGEST_BYTES)
    with about("--roots") if roots else nullcontext():
        roots_file, roots_pem = settings.trust_roots(roots, data)
        trusted = load_roots(roots_pem)
    services = trusted_services(timestamp_roots, None if roots else roots_file.parent)
    known = known_revocations(revocations, None if roots else roots_file.parent, trusted)
    revoked = None if known is None else known.revocations
    said = validate_notice(pdf, trusted, services, SystemClock().now(), revoked)
    document = {
        "file": file.name,
        "holds": said.valid,
        "format": said.profile and said.profile.value,
        "session": said.session or None,
        "strokes_sha256": said.strokes_sha256 or None,
        "device": said.device or None,
        "proven_at": said.proven_at and iso(said.proven_at),
        "timestamps": [_row(one) for one in said.timestamps],
        "roots": {"file": str(roots_file), "sha256": _sha256(trusted)},
        "timestamp_roots": {"sha256": _sha256(services)},
        "revocations": known and known.row,
        "failed": [fault.value for fault in said.faults],
    }
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))
    notice, answers = words["notice"], words["answers"]
    lines = [words["notice_faults"][fault.value] for fault in said.faults]
    lines += [f"{notice['timestamp']}: {iso(one.at)} {one.service}" for one in said.timestamps]
    if said.valid and said.proven_at and any(one.believed for one in said.timestamps):
        lines.append(f"{notice['proven']}: {iso(said.proven_at)}")
    lines.append(f"{answers['roots']}: {roots_file}")
    lines += [f"  SHA-256 {digest}" for digest in _sha256(trusted)]
    if known is not None:
        lines.append(f"{answers['revocations']}: {known.words}")
    if services:
        lines.append(notice["timestamp_roots"])
        lines += [f"  SHA-256 {digest}" for digest in _sha256(services)]
    lines.append(notice["valid" if said.valid else "not_valid"])
    answer(document, lines, as_json, positive=said.valid)


def trusted_services(timestamp_roots: Path | None, hall: Path | None) -> list[x509.Certificate]:
    """The roots for timestamp services: those in the file, else those of the hall in this folder, else none."""
    if timestamp_roots is not None:
        with about(f"--timestamp-roots {timestamp_roots.name}"):
            return load_roots(read_given(timestamp_roots))
    return [] if hall is None else roots_in(hall)


def _row(one: ProvenTime) -> dict[str, object]:
    return {
        "over": one.over,
        "at": iso(one.at),
        "service": one.service,
        "expires": iso(one.expires),
        "believed": one.believed,
    }


def _sha256(certificates: list[x509.Certificate]) -> list[str]:
    return [one.fingerprint(SHA256()).hex() for one in certificates]
