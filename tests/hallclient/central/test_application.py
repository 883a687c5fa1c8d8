"""The wire: what the centre takes, what it refuses, and with which words."""

import hashlib
import io
import logging
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from hallclient.central.centre import Centre
from hallclient.domain.card import Finding, ReaderIdentity
from hallclient.domain.comparison import Decision
from hallclient.domain.documents import Verdict, parse
from hallclient.domain.evidence.facts.card import CardFacts
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Outcome, Receipt
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.inspection.package import receipt_holds
from hallclient.domain.inspection_question import Question
from hallclient.sync.bundle import describe, outgoing_objects
from hallclient.sync.messages import PART_BYTES
from tests.hallclient.central.running import Hall, enrol
from tests.hallclient.domain.inspection.consistency.changes import portrait, portrait_of, step_facts
from tests.hallclient.domain.inspection.world import ANOTHER_SESSION
from tests.packages import PLACE, BuiltPackage, CountedEntropy

pytestmark = pytest.mark.may_log("central.application: refused")

Message = dict[str, Any]


def registration(package: BuiltPackage) -> Message:
    return {
        "manifest": (package.folder / "manifest.json").read_text("utf-8"),
        "signature": (package.folder / "manifest.sig").read_bytes().hex(),
        "objects": [
            item.description.model_dump(mode="json") for item in outgoing_objects(package.files, package.manifest)
        ],
    }


def register(http: httpx.Client, package: BuiltPackage, message: Message | None = None) -> httpx.Response:
    return http.put(f"/v1/sessions/{package.manifest.session}", json=message or registration(package))


def put(http: httpx.Client, url: str, body: bytes, sha256: str | None = None) -> httpx.Response:
    headers = {
        "Content-Type": "application/octet-stream",
        "X-Content-SHA256": sha256 or hashlib.sha256(body).hexdigest(),
    }
    return http.put(url, content=body, headers=headers)


def upload(http: httpx.Client, package: BuiltPackage) -> None:
    """Register, and upload what is missing."""
    objects = {item.description.name: item for item in outgoing_objects(package.files, package.manifest)}
    response = register(http, package)
    assert response.status_code == 200, response.text
    for part in response.json()["missing"]:
        assert put(http, part["url"], objects[part["object"]].part(part["number"])).status_code == 204


def commit(http: httpx.Client, package: BuiltPackage) -> httpx.Response:
    return http.post(f"/v1/sessions/{package.manifest.session}/commit")


def taken(http: httpx.Client, package: BuiltPackage) -> Receipt:
    """The receipt of a package that is delivered whole."""
    upload(http, package)
    answer = commit(http, package)
    assert answer.status_code == 200, answer.text
    return parse(Receipt, answer.json()["receipt"].encode())


def refused(response: httpx.Response, status: int, code: str) -> str:
    """The detail of a refusal, which must be this one."""
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    return str(response.json()["detail"])


@pytest.fixture
def package(hall: Hall, tmp_path: Path, entropy: CountedEntropy) -> BuiltPackage:
    return hall.build(tmp_path / "package", entropy)


def test_health_tells_an_enrolled_device_who_answers(http: httpx.Client) -> None:
    answer = http.get("/v1/health").json()
    assert (answer["centre"], answer["practice"]) == ("Test Centre", False)
    assert answer["time"].endswith("+00:00")


def test_a_whole_delivery(http: httpx.Client, hall: Hall, package: BuiltPackage, folder: Path) -> None:
    missing = register(http, package).json()["missing"]
    assert [(part["object"], part["number"]) for part in missing] == [("bundle.tar", 1), ("recording.enc", 1)]
    upload(http, package)
    assert register(http, package).json() == {"missing": []}
    answer = commit(http, package)
    assert answer.status_code == 200, answer.text

    data = answer.json()["receipt"].encode()
    receipt = parse(Receipt, data)
    assert receipt_holds(receipt, data, bytes.fromhex(answer.json()["signature"]), hall.roots) is Verdict.HOLDS
    assert (receipt.session, receipt.manifest_sha256) == (package.manifest.session, package.manifest.sha256)
    assert (receipt.outcome, receipt.practice) == (Outcome.PASSED, False)
    (kept,) = (folder / "centre" / "objects").glob(f"{package.manifest.session}.*")
    assert {item.name: item.sha256 for item in receipt.objects} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in kept.iterdir()
    }
    assert (kept / "recording.enc").read_bytes() == (package.folder / "recording.enc").read_bytes()
    assert list((folder / "centre" / "parts").iterdir()) == []


def test_everything_may_be_repeated_and_the_receipt_stays_the_same(http: httpx.Client, package: BuiltPackage) -> None:
    upload(http, package)
    first = commit(http, package)
    assert register(http, package).json() == {"missing": []}
    body = (package.folder / "recording.enc").read_bytes()
    path = f"/v1/sessions/{package.manifest.session}/objects/recording.enc/parts/1"
    assert put(http, path, body).status_code == 204
    assert commit(http, package).content == first.content


def test_a_scene_without_a_video_is_one_object(
    http: httpx.Client, hall: Hall, tmp_path: Path, entropy: CountedEntropy
) -> None:
    package = hall.build(tmp_path / "package", entropy, scene="numbers_under_my_name")
    upload(http, package)
    receipt = parse(Receipt, commit(http, package).json()["receipt"].encode())
    assert [item.name for item in receipt.objects] == ["bundle.tar"]


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [(ReviewDecision.APPROVED, Outcome.PASSED), (ReviewDecision.REJECTED, Outcome.NOT_PASSED)],
)
def test_the_centre_judges_by_the_review(
    http: httpx.Client,
    hall: Hall,
    tmp_path: Path,
    entropy: CountedEntropy,
    decision: ReviewDecision,
    outcome: Outcome,
) -> None:
    package = hall.build(tmp_path / "package", entropy, decision=Decision.DOUBTFUL)
    package.review(decision=decision)
    upload(http, package)
    assert parse(Receipt, commit(http, package).json()["receipt"].encode()).outcome is outcome


def test_the_same_session_with_other_content_is_a_conflict(http: httpx.Client, package: BuiltPackage) -> None:
    assert register(http, package).status_code == 200
    package.review()
    refused(register(http, package), 409, "other_content")


def test_a_sequence_number_is_used_once(
    http: httpx.Client, hall: Hall, package: BuiltPackage, tmp_path: Path, entropy: CountedEntropy
) -> None:
    assert taken(http, package).reasons == ()
    other = taken(http, hall.build(tmp_path / "second", entropy, sequence=1))
    assert (other.outcome, other.reasons) == (Outcome.PENDING_REVIEW, ("sequence_free", "audit_as_known"))
    following = hall.build(tmp_path / "third", entropy, after=package.manifest)
    assert taken(http, following).reasons == ()


def test_a_new_computer_of_the_same_name_counts_anew(
    http: httpx.Client, centre: Centre, url: str, package: BuiltPackage, tmp_path: Path, entropy: CountedEntropy
) -> None:
    assert register(http, package).status_code == 200
    (tmp_path / "replaced").mkdir()
    replaced = enrol(centre, tmp_path / "replaced")
    with replaced.http(url) as other:
        assert register(other, replaced.build(tmp_path / "other", entropy, sequence=1)).status_code == 200


def test_a_commit_before_the_last_part_is_a_conflict(http: httpx.Client, package: BuiltPackage) -> None:
    register(http, package)
    assert refused(commit(http, package), 409, "parts_missing") == "2 parts"


def test_an_unknown_session_cannot_be_committed(http: httpx.Client, package: BuiltPackage) -> None:
    refused(commit(http, package), 404, "session_unknown")


def test_another_hall_sees_nothing_of_a_session(
    http: httpx.Client, centre: Centre, url: str, package: BuiltPackage, tmp_path: Path
) -> None:
    upload(http, package)
    with enrol(centre, tmp_path, replace(PLACE, hall="H002")).http(url) as stranger:
        refused(register(stranger, package), 422, "device_differs")
        refused(commit(stranger, package), 404, "session_unknown")


def test_a_practice_package_is_refused_by_a_real_centre(
    http: httpx.Client, hall: Hall, tmp_path: Path, entropy: CountedEntropy
) -> None:
    package = hall.build(tmp_path / "package", entropy, practice=True)
    refused(register(http, package), 422, "practice_package")


def test_a_practice_reader_cannot_be_hidden_by_the_manifest(http: httpx.Client, package: BuiltPackage) -> None:
    virtual = ReaderIdentity("Virtual", "profile", "pcsc-escape", True)
    changed = step_facts("holder/card", CardFacts, reader=virtual)(package.manifest)
    refused(register(http, package.resign(steps=changed.steps)), 422, "practice_package")


def without_video(message: Message) -> None:
    message["objects"].pop()


def twice_the_bundle(message: Message) -> None:
    message["objects"] = [message["objects"][0]] * 2


def other_video(message: Message) -> None:
    message["objects"][1]["sha256"] = "00" * 32


def part_too_small(message: Message) -> None:
    message["objects"][1]["parts"][0]["bytes"] -= 1


def huge_bundle(message: Message) -> None:
    parts = [{"number": number, "bytes": PART_BYTES, "sha256": "00" * 32} for number in range(1, 14)]
    message["objects"][0] |= {"bytes": 13 * PART_BYTES, "parts": parts}


@pytest.mark.parametrize("alter", [without_video, twice_the_bundle, other_video, part_too_small, huge_bundle])
def test_objects_must_be_those_of_the_manifest(
    http: httpx.Client, package: BuiltPackage, alter: Callable[[Message], None]
) -> None:
    message = registration(package)
    alter(message)
    refused(register(http, package, message), 422, "objects_refused")


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"manifest": "{}"}, "manifest.json: understood"),
        ({"signature": "00" * 96}, "manifest.sig: signed"),
    ],
)
def test_a_manifest_must_hold(http: httpx.Client, package: BuiltPackage, change: Message, detail: str) -> None:
    assert refused(register(http, package, registration(package) | change), 422, "manifest_refused") == detail


def test_a_manifest_of_a_foreign_device_is_refused(http: httpx.Client, package: BuiltPackage) -> None:
    assert (
        refused(register(http, package.resign(certificate="00")), 422, "manifest_refused")
        == "manifest.json: device_trusted"
    )


def test_a_manifest_of_another_session_is_refused(http: httpx.Client, package: BuiltPackage) -> None:
    path = "/v1/sessions/019c0000-0000-7000-8000-000000000000"
    refused(http.put(path, json=registration(package)), 422, "manifest_refused")


@pytest.mark.parametrize("change", [{"device": "pc-2"}, {"place": replace(PLACE, counter="4")}])
def test_a_manifest_cannot_speak_for_another_counter(
    http: httpx.Client, package: BuiltPackage, change: Message
) -> None:
    receipt = taken(http, package.resign(**change))
    assert (receipt.outcome, receipt.reasons) == (Outcome.PENDING_REVIEW, ("place_certified",))


def test_a_device_that_was_moved_sends_what_it_did_before(
    http: httpx.Client, centre: Centre, url: str, hall: Hall, package: BuiltPackage, tmp_path: Path
) -> None:
    """The centre knows it by its key."""
    (tmp_path / "moved").mkdir()
    moved = enrol(centre, tmp_path / "moved", replace(PLACE, counter="4"), key=hall.device.key)
    with moved.http(url) as there:
        upload(there, package)
        assert commit(there, package).status_code == 200


def test_a_plan_that_is_not_its_packs_never_passes(http: httpx.Client, package: BuiltPackage) -> None:
    plan = package.manifest.plan.changed(pack_sha256="00" * 32)
    assert taken(http, package.resign(plan=plan)).reasons == ("plan_of_pack",)


def without_pre_check(manifest: Manifest) -> Message:
    first, _, *rest = manifest.steps
    return {"steps": (first, *rest)}


def another_consent(manifest: Manifest) -> Message:
    consent = portrait_of(manifest).consent
    assert consent is not None
    return {"steps": portrait(consent=consent.changed(given=False))(manifest).steps}


def an_expired_card(manifest: Manifest) -> Message:
    return {"steps": step_facts("holder/card", CardFacts, findings=(Finding.EXPIRED,))(manifest).steps}


@pytest.mark.parametrize(
    ("change", "questions"),
    [
        (without_pre_check, (Question.STEPS_AS_PLANNED,)),
        (another_consent, (Question.FACE_BY_CONSENT,)),
        (an_expired_card, (Question.CARD_USABLE, Question.CARD_AS_READ)),
    ],
)
def test_what_contradicts_itself_never_passes_whoever_approved_it(
    http: httpx.Client, package: BuiltPackage, change: Callable[[Manifest], Message], questions: tuple[Question, ...]
) -> None:
    changed = package.resign(**change(package.manifest))
    changed.review()
    receipt = taken(http, changed)
    assert (receipt.outcome, receipt.reasons) == (Outcome.PENDING_REVIEW, questions)


def test_a_file_of_another_session_never_passes(
    http: httpx.Client, hall: Hall, tmp_path: Path, entropy: CountedEntropy
) -> None:
    package = hall.build(tmp_path / "package", entropy, naming={"recording": ANOTHER_SESSION})
    assert taken(http, package).reasons == ("of_this_session",)


def test_a_data_key_for_another_centre_is_refused(http: httpx.Client, package: BuiltPackage) -> None:
    sealed = package.manifest.data_key
    package = package.resign(data_key=sealed.model_copy(update={"centre_key": "00" * 32}))
    upload(http, package)
    refused(commit(http, package), 422, "data_key_unreadable")


@pytest.mark.parametrize("sealed", ["00" * 80, "no hex"])
def test_a_data_key_that_does_not_open_is_refused(http: httpx.Client, package: BuiltPackage, sealed: str) -> None:
    package = package.resign(data_key=package.manifest.data_key.model_copy(update={"sealed": sealed}))
    upload(http, package)
    refused(commit(http, package), 422, "data_key_unreadable")


@pytest.mark.parametrize(
    "name",
    [
        "business.enc",
        "holder.record.enc",
        "holder.portrait.enc",
        "holder.live_photo.enc",
        "holder.key_picture_1.enc",
        "holder.key_picture_2.enc",
        "strokes.enc",
        "notice.enc",
        "review_note.enc",
    ],
)
def test_a_changed_file_is_refused_by_its_name_and_a_mended_package_is_taken(
    http: httpx.Client, package: BuiltPackage, name: str
) -> None:
    package.review()
    path = package.folder / name
    genuine = path.read_bytes()
    path.write_bytes(genuine[:-1] + bytes([genuine[-1] ^ 1]))
    upload(http, package)
    assert refused(commit(http, package), 422, "package_refused") == f"{name}: unchanged"
    path.write_bytes(genuine)
    upload(http, package)
    assert commit(http, package).status_code == 200


def test_a_notice_that_was_changed_after_signing_never_passes(
    http: httpx.Client, hall: Hall, tmp_path: Path, entropy: CountedEntropy
) -> None:
    package = hall.build(tmp_path / "package", entropy, alter_notice=lambda pdf: pdf + b"\n%")
    assert taken(http, package).reasons == ("notice_signature",)


@pytest.mark.attack("T2", "reviewer: the clerk")
def test_a_review_by_the_clerk_lets_nothing_pass(http: httpx.Client, package: BuiltPackage) -> None:
    package.review(reviewer=package.manifest.clerk)
    assert taken(http, package).reasons == ("reviewed_by_another",)


def test_a_part_must_be_what_was_announced(http: httpx.Client, package: BuiltPackage) -> None:
    register(http, package)
    path = f"/v1/sessions/{package.manifest.session}/objects/recording.enc/parts/"
    body = (package.folder / "recording.enc").read_bytes()
    refused(put(http, path + "1", body[:-1]), 422, "part_differs")
    refused(put(http, path + "1", b"x" + body[1:], hashlib.sha256(body).hexdigest()), 422, "part_differs")
    refused(put(http, path + "2", body), 404, "part_unknown")
    refused(put(http, path + "0", body), 422, "message_malformed")
    assert put(http, path + "1", body).status_code == 204
    assert put(http, path + "1", body).status_code == 204


@pytest.mark.parametrize("name", ["other.enc", "..", "manifest.json"])
def test_only_the_two_objects_have_addresses(http: httpx.Client, package: BuiltPackage, name: str) -> None:
    register(http, package)
    path = f"/v1/sessions/{package.manifest.session}/objects/{name}/parts/1"
    assert put(http, path, b"x").status_code in (404, 422)


def tar(names: list[str], kind: bytes = tarfile.REGTYPE) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    return target.getvalue()


def with_header(kind: bytes, size: int, middle: bytes = b"") -> bytes:
    """A tar file of one entry, whose header says `kind` and `size` and has `middle` from byte 386 on."""
    entry = tarfile.TarInfo("holder.record.enc")
    entry.type, entry.size = kind, size
    header = bytearray(entry.tobuf(tarfile.GNU_FORMAT)[:512])
    header[386 : 386 + len(middle)] = middle
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


def sparse(real_bytes: int) -> bytes:
    """What a GNU header says of a file that is one hole: a map of one empty piece at its end, and its size."""
    numbers = (real_bytes, 0, *(0,) * 6)
    pieces = b"".join(tarfile.itn(number, 12, tarfile.GNU_FORMAT) for number in numbers)  # type: ignore[attr-defined]
    return pieces + b"\0" + tarfile.itn(real_bytes, 12, tarfile.GNU_FORMAT)  # type: ignore[attr-defined]


def pax(headers: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("holder.record.enc")
        entry.size, entry.pax_headers = 512, headers
        archive.addfile(entry, io.BytesIO(bytes(512)))
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        tar(["../record.enc"]),
        tar(["manifest.json"]),
        tar(["holder.record.enc", "holder.record.enc"]),
        tar(["holder.record.enc"], tarfile.SYMTYPE),
        tar(["holder.record.enc"], tarfile.CONTTYPE),
        with_header(tarfile.GNUTYPE_SPARSE, 0, sparse(2**40)),
        with_header(tarfile.GNUTYPE_LONGNAME, 512),
        with_header(tarfile.REGTYPE, 2**40),
        with_header(tarfile.REGTYPE, -1),
        pax({"GNU.sparse.map": "a,b"}),
        pax({"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "z"}),
        pax({"size": "-5"}),
        pytest.param(pax({"GNU.sparse.map": "0,a"}), id="PAX: GNU.sparse.map=0,a"),
        pytest.param(pax({"size": "100000000000000"}), id="PAX: size 1e14"),
        tar(["holder.record.enc"])[:700],
        tar(["holder.record.enc"])[:512],
        b"no tar file",
    ],
)
@pytest.mark.attack("T9", "a bundle with PAX headers, links, holes, huge sizes")
def test_a_bundle_is_a_plain_tar_file_of_the_known_names(
    http: httpx.Client, package: BuiltPackage, content: bytes
) -> None:
    message = registration(package)
    message["objects"][0] = describe("bundle.tar", io.BytesIO(content)).model_dump(mode="json")
    for part in register(http, package, message).json()["missing"]:
        body = content if part["object"] == "bundle.tar" else (package.folder / "recording.enc").read_bytes()
        assert put(http, part["url"], body).status_code == 204
    refused(commit(http, package), 422, "bundle_malformed")
    refused(commit(http, package), 404, "session_unknown")  # forgotten: a mended one can come under the same id


def test_parts_that_do_not_make_up_the_object_are_refused(http: httpx.Client, package: BuiltPackage) -> None:
    message = registration(package)
    body = b"something else".ljust(message["objects"][0]["bytes"], b"\0")
    message["objects"][0]["parts"][0]["sha256"] = hashlib.sha256(body).hexdigest()
    for part in register(http, package, message).json()["missing"]:
        content = body if part["object"] == "bundle.tar" else (package.folder / "recording.enc").read_bytes()
        put(http, part["url"], content)
    assert refused(commit(http, package), 422, "object_differs") == "bundle.tar"


@pytest.mark.parametrize(
    "session", ["1", "019c0000-0000-4000-8000-000000000000", "019C0000-0000-7000-8000-000000000000"]
)
def test_a_session_is_named_by_a_uuid7(http: httpx.Client, package: BuiltPackage, session: str) -> None:
    detail = refused(http.put(f"/v1/sessions/{session}", json=registration(package)), 422, "message_malformed")
    assert detail == "path.session"


def test_a_malformed_message_is_not_quoted(http: httpx.Client, package: BuiltPackage) -> None:
    response = register(http, package, registration(package) | {"name": "somebody"})
    assert refused(response, 422, "message_malformed") == "body.name"
    assert "somebody" not in response.text


def test_bodies_have_a_length_and_a_limit(http: httpx.Client, package: BuiltPackage) -> None:
    path = f"/v1/sessions/{package.manifest.session}"
    refused(http.put(path, content=iter([b"{}"])), 411, "length_missing")
    refused(put(http, path, bytes(PART_BYTES + 1)), 413, "message_too_large")


def test_logs_hold_ids_only(http: httpx.Client, package: BuiltPackage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        upload(http, package)
        commit(http, package)
        refused(put(http, f"/v1/sessions/{package.manifest.session}", b"nobody"), 422, "message_malformed")
    assert f"session {package.manifest.session} received" in caplog.text
    for secret in ("nobody", package.manifest.data_key.sealed, "record of"):
        assert secret not in caplog.text
