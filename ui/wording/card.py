"""The card, its reader, and what the pre-check found."""

from hallclient.devices import ReaderState
from hallclient.domain.card import CardKind, Finding
from ui.wording.product import HOTLINE

FINDINGS: dict[Finding, str] = {
    Finding.NUMBER_MALFORMED: "证件号码格式不对",
    Finding.NUMBER_OF_OTHER_KIND: "证件号码不属于这种证件",
    Finding.CHECK_DIGIT_WRONG: "证件号码校验位不符",
    Finding.BIRTH_DIFFERS_FROM_NUMBER: "出生日期与证件号码不符",
    Finding.BIRTH_IN_FUTURE: "出生日期在今天之后",
    Finding.SEX_DIFFERS_FROM_NUMBER: "性别与证件号码不符",
    Finding.COUNTRY_DIFFERS_FROM_NUMBER: "国籍与证件号码不符",
    Finding.SEX_CODE_UNKNOWN: "性别代码无法识别",
    Finding.NATION_CODE_UNKNOWN: "民族代码无法识别",
    Finding.VALIDITY_MALFORMED: "有效期无法识别或前后矛盾",
    Finding.NOT_YET_VALID: "证件尚未生效",
    Finding.EXPIRED: "证件已过有效期",
    Finding.NEW_ADDRESS_UNREADABLE: "芯片里的新住址没有读出",
}
READER_STATES: dict[ReaderState, str] = {
    ReaderState.TROUBLE: "读卡器异常",
    ReaderState.READY: "读卡器就绪",
    ReaderState.READING: "正在读卡",
    ReaderState.CARD_READ: "证件已读",
}
CARD_KINDS: dict[CardKind, str] = {
    CardKind.RESIDENT: "居民身份证",
    CardKind.HMT_PERMIT: "港澳台居民居住证",
    CardKind.FOREIGN_2017: "外国人永久居留证（2017 版）",
    CardKind.FOREIGN_2023: "外国人永久居留证（2023 版）",
}
LONG_TERM = "长期"


class Card:
    HEADLINE = "请客户把身份证平放在读卡器上"
    STATUS = "放好后自动读取，不用按键。"
    READING = "正在读取芯片，请不要移动证件。"
    FIELDS = "证件信息只从芯片读取，不能手工输入。"


class Precheck:
    HEADLINE = "预检：证件与联网核验"
    WORKING = "正在检查…"
    FINE = "可以继续，下一步请客户看镜头。"
    UNUSABLE = "这张证件不能办理业务，请按 Enter 登记为不予办理。"
    CHIP = "芯片信息完整"
    CHIP_DETAIL = "由 {reader} 读取"
    FINDING_LOOK = "需要留意，随证据一并留存"
    FINDING_STOP = "不能办理，请客户换有效证件"
    NETWORK = "联网核验待省中心完成"
    NETWORK_ONLINE = "封存后立即上传核验"
    NETWORK_OFFLINE = "现在送不到省中心：恢复后自动核验，此前结果不算通过"
    REFUSE = "不予办理"
    SURE = "登记为不予办理？"
    SURE_STATUS = "登记后这笔业务就结束了，已读取的证件信息立即删除，不能恢复。"
    SURE_YES = "登记为不予办理"
    REFUSED = "已登记为不予办理"
    REFUSED_STATUS = f"请把证件还给客户，说明原因；客户可拨打 {HOTLINE} 咨询或申诉。"
    FOUND = "无异常"
    FOUND_FINDINGS = "{count} 项需留意"
    NEXT = "下一位"
