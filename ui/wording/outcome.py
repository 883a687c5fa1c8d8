"""How it ended."""

from hallclient.domain.evidence.receipt import Outcome
from ui.wording.product import HOTLINE

OUTCOMES: dict[Outcome, str] = {
    Outcome.PASSED: "核验通过",
    Outcome.NOT_PASSED: "核验未通过",
    Outcome.PROVISIONAL: "已采集，待联网核验",
    Outcome.PENDING_REVIEW: "已采集，待复核",
}
OUTCOME_MEANINGS: dict[Outcome, str] = {
    Outcome.PASSED: "省中心已确认，业务可以办理。",
    Outcome.NOT_PASSED: f"业务不能办理。客户如有异议，可申诉或拨打 {HOTLINE} 咨询。",
    Outcome.PROVISIONAL: "资料已加密保存，连上省中心即自动上传；省中心确认前，业务不算通过。",
    Outcome.PENDING_REVIEW: "须经本厅稽核员或省中心复核；省中心确认前，业务不算通过。",
}
CUSTOMER_OUTCOMES: dict[Outcome, tuple[str, str]] = {
    Outcome.PASSED: ("核验通过", "请收好您的证件，谢谢配合。"),
    Outcome.NOT_PASSED: ("本次核验未通过", f"可以向营业员申诉，或拨打 {HOTLINE} 咨询。请收好您的证件。"),
    Outcome.PROVISIONAL: ("资料已采集，等待联网核验", "结果出来后会通知您。请收好您的证件。"),
    Outcome.PENDING_REVIEW: ("资料已采集，等待人工复核", "结果出来后会通知您。请收好您的证件。"),
}


class Finish:
    HEADLINE_SEALING = "正在封存证据"
    STATUS_SEALING = "加密、签名、记入审计，请稍候。"
    PRINT = "打印告知书"
    PRINTING = "正在打印…"
    PRINTED = "已打印，请交给客户。"
    PRINTED_TO_FILE = "演练：没有真的打印，告知书在文件 {file}"
    NEXT = "下一位"
    SUMMARY = "这笔业务"
    STEPS_TAKEN = "完成 {count} 步，用时 {elapsed}"
    FILES = "证据 {count} 件，已加密并签名"
    FOUND = "已封存"
    HEADLINE = "已封存，请把证件还给客户"
