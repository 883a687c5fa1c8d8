"""The notice that is read aloud, and the signature under it."""

SIGNATURE_DEVICES: dict[str, str] = {"pen": "压感笔", "touch": "手指", "mouse": "鼠标"}


class Reading:
    HEADLINE_READY = "请客户朗读告知书"
    STATUS_READY = "客户准备好后按 Enter 开始录像。"
    HEADLINE = "第 {line} 句，共 {lines} 句"
    STATUS = "客户读完这一句后按 Enter，或由客户点“读完了”。"
    STARTING = "正在打开摄像头和麦克风…"
    SAVING = "正在保存录像…"
    SURE_WHOLE = "录像已经录完，还没有保存。重读后，录像立即删除，不能恢复，客户要从第一句读起。"
    STAKE_WHOLE = "录像已经录完，还没有保存。离开后，录像立即删除，不能恢复；业务留着时，继续办理由客户从第一句读起。"
    NOT_KEPT = "已经读完，还没有保存好。按 F5 再保存一次，客户不用重读。"
    START = "开始录像"
    NEXT_LINE = "下一句"
    LAST_LINE = "读完了"
    AGAIN = "从头重读"
    SURE = "从头重读吗？"
    SURE_STATUS = "录像还在进行。重读后，已经录下的立即删除，不能恢复，客户要从第一句读起。"
    SURE_YES = "删除录像，从头重读"
    STAKE = "结束录像并离开吗？"
    STAKE_STATUS = "录像还在进行。离开后，已经录下的立即删除，不能恢复；业务留着时，继续办理由客户从第一句读起。"
    STAKE_YES = "删除录像并离开"
    FOUND = "录像 {seconds:.0f} 秒"


class Signature:
    HEADLINE = "请客户签名"
    STATUS = "签的是刚才读过的告知书；由客户本人签。"
    WRITING = "正在写：{points} 点 · {device}"
    TOO_SHORT = "! 太短，还不是签名：请客户写完整的姓名，“签好了”才能点。"
    SAVING = "正在写入告知书…"
    CLEAR = "重签"
    LIVE = "客户的笔迹"
    FOUND = "{points} 点 · {device}"
