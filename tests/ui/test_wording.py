"""Every code that a person can meet has words, and no text hides elsewhere."""

import ast
import re
from pathlib import Path

import pytest

from hallclient.devices import ReaderState
from hallclient.domain import step_kinds
from hallclient.domain.card import CardKind, Finding
from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import FAILURES, FailureCode
from hallclient.domain.liveness import Advice, Challenge, Refusal
from hallclient.domain.password import Unfit
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.rule_pack import PackScene
from hallclient.domain.session import AbandonReason
from hallclient.domain.staff import Role
from hallclient.domain.supervised_way import SupervisedWay, is_of_a_try
from hallclient.rule_texts import built_in_pack
from hallclient.services.session import kinds
from ui import wording
from ui.steps import pages
from ui.widgets.score_band import TONES

KINDS = tuple(step_kinds._kinds)
WORDING = Path(wording.__file__).parent
UI = WORDING.parent
_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")  # with its punctuation


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (wording.STEPS, [*KINDS, wording.SEAL]),
        (wording.CONTINUED_AT, [*KINDS, wording.SEAL]),
        (wording.ABANDON_REASONS, AbandonReason),
        (wording.DECISIONS, Decision),
        (wording.DECISION_CONSEQUENCES, Decision),
        (wording.DECISION_REASONS, Decision),
        (wording.FINDINGS, Finding),
        (wording.QUALITY_ISSUES, QualityIssue),
        (wording.CHALLENGES, Challenge),
        (wording.CHALLENGE_NAMES, Challenge),
        (wording.LIVENESS_REFUSALS, Refusal),
        (wording.NEXT_TIME, Refusal),
        (wording.NOT_LIVE_SHORT, Refusal),
        (wording.SUSPECTED_REFUSALS, Refusal),
        (wording.SUPERVISED_WAYS, SupervisedWay),
        (wording.FACE_LACKS, QualityIssue),
        (
            wording.TRY_NEXT_TIME,
            [code for code in FailureCode if is_of_a_try(code) and code is not FailureCode.NOT_LIVE],
        ),
        (wording.LACKED, wording.LACKED_NEXT_TIME),
        (wording.ADVICE, Advice),
        (wording.OUTCOMES, Outcome),
        (wording.OUTCOME_MEANINGS, Outcome),
        (wording.CUSTOMER_OUTCOMES, Outcome),
        (wording.READER_STATES, ReaderState),
        (wording.REVIEW_REASONS, ReviewDecision),
        (wording.ROLES, Role),
        (wording.PASSWORD_LACKS, Unfit),
        (wording.CARD_KINDS, CardKind),
        (TONES, Decision),
        (pages._pages, KINDS),
        (kinds._works, KINDS),
        (FAILURES, FailureCode),
    ],
)
def test_every_code_has_words(words, codes) -> None:
    assert set(words) == set(codes)
    assert all(words.values())


@pytest.mark.parametrize("scene", built_in_pack().scenes, ids=lambda scene: scene.code)
def test_every_business_has_words(scene: PackScene) -> None:
    assert all(scene.words.model_dump().values())


def test_no_word_needs_a_screen_of_the_customers_own() -> None:
    """Where there is one screen they are read as well; only the hint that says so names the other."""
    texts = {text for text in _all_words().splitlines() if "客户屏" in text}
    assert texts == {wording.OneScreen.NONE}


def test_the_same_has_the_same_name() -> None:
    texts = _all_words() + "".join(failure.cause + failure.remedy for failure in FAILURES.values())
    assert not [word for word in ("柜员", "最佳帧", "重写") if word in texts]
    assert wording.Review.LIVE_PHOTO == wording.Portrait.LIVE_PHOTO
    assert wording.Customer.CLEAR == wording.Signature.CLEAR


def test_no_word_of_the_counter_says_what_somebody_looks_like() -> None:
    """On one screen the customer reads the clerk's page; what is suspected is for the supervisor's eye."""
    clerks = [
        *wording.LIVENESS_REFUSALS.values(),
        FAILURES[FailureCode.NOT_LIVE].cause,
        wording.Portrait.LEFT_TO_SUPERVISOR,
    ]
    assert not [words for words in clerks for bad in ("照片，", "可能", "疑", "真人", "重播") if bad in words]
    assert "可能是照片" in wording.SUSPECTED_REFUSALS[Refusal.FLAT]


def test_a_remark_orders_the_customer_and_what_lacked_tells_the_supervisor() -> None:
    assert not [words for words in wording.FACE_LACKS.values() if "请" in words]


def test_no_state_says_more_than_was_done() -> None:
    """Who refused the comparison stands at the same step as who was compared."""
    assert "比对" not in "".join(wording.CONTINUED_AT.values())


def test_chinese_stands_in_the_wording_package_only() -> None:
    with_chinese = {path.parent for path in UI.rglob("*.py") if _CHINESE.search(_texts(path))}
    assert with_chinese == {WORDING}


def test_outside_of_the_windows_only_failures_and_the_rules_of_setting_text_are_chinese() -> None:
    root = UI.parent / "hallclient"
    with_chinese = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if _CHINESE.search(_texts(path))}
    rules = {"services/line_breaking.py", "services/document_fonts.py"}
    assert with_chinese == {"domain/failures.py", *rules}


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "不到 1 分钟"), (720, "12 分钟"), (7300, "2 小时"), (200_000, "2 天")]
)
def test_age(seconds, words) -> None:
    assert wording.age(seconds) == words


def test_elapsed_and_took() -> None:
    assert wording.elapsed(41.9) == "00:41"
    assert wording.elapsed(-1) == "00:00"
    assert (wording.took(2.1), wording.took(31), wording.took(83)) == ("2.1 秒", "31 秒", "1 分 23 秒")


def _all_words() -> str:
    return "\n".join(_texts(path) for path in sorted(WORDING.glob("*.py")))


def _texts(path: Path) -> str:
    """Docstrings and comments may name a Chinese term; texts that a person sees may not be there, nor escaped."""
    tree = ast.parse(path.read_text("utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in told]
    return "\n".join(text.value for text in texts if isinstance(text.value, str))


def test_no_remedy_names_a_button_that_may_not_be_there() -> None:
    assert not [code for code, failure in FAILURES.items() if "点" in failure.remedy]


def test_every_word_is_read_by_somebody() -> None:
    """What only a test keeps alive is deleted."""
    sources = [path.read_text("utf-8") for folder in (UI, UI.parent / "hallclient") for path in folder.rglob("*.py")]
    used = set(re.findall(r"[A-Za-z_]+", "\n".join(re.findall(r"wording\.[\w.]+", "\n".join(sources)))))
    own = "\n".join(path.read_text("utf-8") for path in sorted(WORDING.glob("*.py")))
    pages = [
        one
        for one in vars(wording).values()
        if isinstance(one, type) and one.__module__.startswith(f"{wording.__name__}.")
    ]
    of_a_page = rf"\b(?:{'|'.join(page.__name__ for page in pages)})\.([A-Z_]+)"
    used |= set(re.findall(r"\b([A-Z_]+)(?:\[|\.get\()", own)) | set(re.findall(of_a_page, own)) | {"HOTLINE"}
    words = set(re.findall(r"^([A-Z_]+)\b[^=\n]* = ", own, re.MULTILINE))
    words |= {name for page in pages for name in vars(page) if name.isupper()}
    assert words - used == set()
