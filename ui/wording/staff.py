"""Who works here, and how they log in."""

from hallclient.domain.staff import Role

ROLES: dict[Role, str] = {
    Role.CLERK: "营业员",
    Role.SUPERVISOR: "稽核员",
    Role.ADMINISTRATOR: "管理员",
}


class Login:
    HINT = "请输入工号、密码和动态码"
    NUMBER = "工号"
    PASSWORD = "密码"  # noqa: S105  # a caption
    CODE = "动态码"
    ENTER = "登录"
    WORKING = "正在核对…"
    NO_WINDOW = "管理员请用命令 hallclient 管理营业厅；办理业务请换营业员工号"
