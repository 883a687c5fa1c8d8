"""`hallclient verify PACKAGE`: does an evidence package hold, and which file does not."""

import tomllib
from contextlib import nullcontext
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.hashes import SHA256

from hallclient import settings
from hallclient.cli.given_file import about, given_path, usable
from hallclient.cli.hall_in_use import HallInUse
from hallclient.cli.known_revocations import known_revocations
from hallclient.cli.login import DataOption, StaffOption, opened_hall
from hallclient.cli.output import JsonOption, answer
from hallclient.cli.signers import signers
from hallclient.cli.verify_notice import trusted_services, verify_notice
from hallclient.domain.certificates import load_roots
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.ids import is_session_id
from hallclient.domain.inspection.answers import Check, Inspection
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import iso
from hallclient.storage.package_folder import PackageFolder


def verify(
    package: Annotated[
        Path, typer.Argument(parser=given_path, metavar="PACKAGE", help="The folder with manifest.json.")
    ],
    roots: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="PATH", help="PEM file of the root certificates to trust."),
    ] = None,
    timestamp_roots: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="PATH", help="PEM file of the roots of timestamp services to trust."),
    ] = None,
    revocations: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="PATH", help="A list of what was revoked, as the centre gives it out."),
    ] = None,
    inside: Annotated[bool, typer.Option("--inside", help="Look inside, too, with the hall's key.")] = False,
    data: DataOption = None,
    staff: StaffOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every digest, every signature and the order of events with nothing but the package and the trust roots.

    --inside opens the hall and also checks what is encrypted: the signed notice, the strokes, every content. It works
    until the centre's receipt has destroyed the hall's key. Without --roots they are those of the hall; the answer says
    which ones were used, and of which hall: under the root of another centre, no device is trusted. What was revoked is
    known from --revocations, or from the hall whose roots are used, as of its last contact with the centre. PACKAGE may
    also be a signed notice (PDF).
    """
    with usable(package, FailureCode.PACKAGE_MISSING):
        is_folder = package.is_dir()
    if package.suffix.lower() == ".pdf" and not is_folder:
        verify_notice(package, roots, timestamp_roots, revocations, data, as_json=as_json)
        return
    if not is_folder:
        raise KnownError(FailureCode.PACKAGE_MISSING, package.name)
    with about("--roots") if roots else nullcontext():
        roots_file, roots_pem = settings.trust_roots(roots, data)
        trusted = load_roots(roots_pem)
    in_use = None if roots else HallInUse.in_folder(roots_file.parent)
    files = PackageFolder(package)
    services = trusted_services(timestamp_roots, None if roots else roots_file.parent)
    known = known_revocations(revocations, None if roots else roots_file.parent, trusted)
    revoked = None if known is None else known.revocations

    def inspected(data_key: bytes | None = None) -> Inspection:
        with usable(package, FailureCode.STORE_UNREADABLE):
            return _with_folder(inspect(files, trusted, ShippedRules(), data_key, services, revoked), package)

    inspection = inspected()
    if len(inspection.foreign) == len(files.names()):  # not even a part of one: another folder was meant
        raise KnownError(FailureCode.PACKAGE_MISSING, package.name)
    if inside and inspection.manifest is not None:
        with opened_hall(data, staff, only_reads=True) as hall:
            in_use = HallInUse.of(hall)
            data_key = hall.data_key(inspection.manifest.session)
        inspection = inspected(data_key)
    manifest = inspection.manifest
    signed_by = signers(inspection)
    document = {
        "format": manifest.format if manifest else None,
        "hall": in_use and in_use.row,
        "holds": inspection.holds,
        "session": manifest.session if manifest else None,
        "practice": manifest.practice if manifest else None,
        "clock_status": manifest.clock_status.model_dump() if manifest else None,
        "inside": inside,
        "outcome": inspection.receipt.outcome.value if inspection.receipt else None,
        "reasons": list(inspection.receipt.reasons) if inspection.receipt else [],
        "roots": {"file": str(roots_file), "sha256": [root.fingerprint(SHA256()).hex() for root in trusted]},
        "revocations": known and known.row,
        "signers": signed_by,
        "timestamps": [
            {
                "file": it.file,
                "at": iso(it.timestamp.at),
                "service": it.timestamp.service,
                "trusted": it.timestamp.trusted,
            }
            for it in inspection.timestamps
        ],
        "foreign": list(inspection.foreign),
        "failed": sorted({check.file for check in inspection.failed}),
        "checks": [_row(check) for check in inspection.checks],
    }
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))
    questions, answers = words["questions"], words["answers"]
    lines = [
        f"{check.file}: {questions[check.question.value]}: {answers['yes' if check.holds else 'no']}"
        for check in inspection.checks
    ]
    if inspection.receipt:
        lines += [
            f"{answers['reasons']}: {questions.get(reason, reason)}: {answers['no']}"
            for reason in inspection.receipt.reasons
        ]
    if in_use is not None:
        lines.append(f"{answers['hall']}: {in_use.words}")
    lines.append(f"{answers['roots']}: {roots_file}")
    lines += [f"  SHA-256 {root.fingerprint(SHA256()).hex()}" for root in trusted]
    if known is not None:
        lines.append(f"{answers['revocations']}: {known.words}")
    said = [" ".join(part for part in (row["file"], row["role"], row["name"]) if part) for row in signed_by]
    lines += [f"{answers['signers']}: {line}" for line in said]
    if inspection.foreign:
        lines.append(f"{answers['foreign']}: {', '.join(inspection.foreign)}")
    holds = "holds_and_foreign" if inspection.foreign else "holds"
    lines.append(answers[holds if inspection.holds else "does_not_hold"])
    answer(document, lines, as_json, positive=inspection.holds)


def _with_folder(inspection: Inspection, package: Path) -> Inspection:
    """Also whether a folder that is called as a session is, is called as this one."""
    name = package.resolve().name
    if inspection.manifest is None or not is_session_id(name):
        return inspection
    check = Check(f"{name}/", Question.FOLDER_OF_SESSION, name == inspection.manifest.session)
    return replace(inspection, checks=(*inspection.checks, check))


def _row(check: Check) -> dict[str, object]:
    return {"file": check.file, "question": check.question.value, "holds": check.holds}
