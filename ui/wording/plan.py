"""The steps of a session, and how it may be left."""

from hallclient.domain.plan import PlannedStep
from hallclient.domain.session import AbandonReason

SEAL = "seal"  # what follows the last step of a plan, in the places of one
STEPS: dict[str, str] = {
    "card": "证件",
    "precheck": "预检",
    "portrait": "人像",
    "notice": "告知书",
    "signature": "签名",
    SEAL: "完成",
}
# Of a session that can be continued, by the kind of the step that is to be done.
CONTINUED_AT: dict[str, str] = {
    "card": "等待证件",
    "precheck": "证件已读",
    "portrait": "预检完成",
    "notice": "人像步骤已完成",
    "signature": "告知书已读",
    SEAL: "等待封存",
}


def continued_at(step: PlannedStep | None) -> str:
    """Where a session stands whose next step this is; None for the seal."""
    kind = SEAL if step is None else step.kind
    return CONTINUED_AT.get(kind, STEPS.get(kind, kind))


ABANDON_REASONS: dict[AbandonReason, str] = {
    AbandonReason.CUSTOMER_WITHDREW: "客户不办了",
    AbandonReason.CUSTOMER_UNABLE: "客户无法配合核验",
    AbandonReason.WRONG_BUSINESS: "办错了业务或号码",
    AbandonReason.EQUIPMENT_FAILED: "设备故障，换柜台办理",
    AbandonReason.REHEARSAL_BROKEN_OFF: "演练没有做完",
}


class Leave:
    BUTTON = "放弃"
    HEADLINE = "这笔业务怎么处理？"
    STATUS = "选一个原因；放弃后，这一笔已采集的一切立即删除，不能恢复。"
    STATUS_CHECK_STOPPED = "检测已中止，按 Esc 返回办理。要放弃请选原因：这一笔已采集的一切立即删除。"
    STATUS_RECORDING = "录像还在进行；现在离开，不论选哪一项，录像都立即删除。"
    ENDING = "正在结束这笔业务…"
    ENDING_STATUS = "正在停止设备、删除已拍的照片和录像，请稍候。"
    KEEP = "先留着，稍后继续"
    BACK = "返回办理"
