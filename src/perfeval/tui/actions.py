"""The one table of actions: keys, footer, palette, help and manual are all made from it.

Keys are function keys with a Ctrl twin, never bare letters: an input method eats those, and they
belong to the field being typed in. Users may give an action other keys by its ``id`` (settings).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.binding import BindingType

HOME, SESSION, WORKBENCH = "自评任务", "自评", "填报"
"""Where an action can be used: on the first screen, on every screen of an open session, or only
in the workbench."""
ANYWHERE = "通用"


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do: ``id`` names it in settings and in code (``action_<id>``).

    ``title`` is what footer, palette and help call it; ``english`` are more words to find it by;
    ``footer`` says whether the footer has room for it.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    where: str
    help: str
    english: str
    footer: bool = False

    def found_by(self, query: str) -> bool:
        """Whether a palette query in 汉字, pinyin, pinyin initials or English means this."""
        return matches(query, self.title, self.english)


ACTIONS = (
    Action("help", "帮助", ("f1", "ctrl+l"), ANYWHERE, "本屏的按键、每个词的意思", "help keys glossary", True),
    Action("settings", "设置", ("f12", "ctrl+backslash"), ANYWHERE, "姓名、科室、颜色、按键、数据位置", "settings theme color"),
    Action("palette", "查找命令或指标", ("ctrl+p",), ANYWHERE, "按汉字、拼音首字母或英文查找", "command palette find"),
    Action("quit", "退出", ("ctrl+q",), ANYWHERE, "填过的都已保存，随时可以退出", "quit exit"),
    Action("import_excel", "从 Excel 导入", ("f2", "ctrl+b"), HOME, "读入已有的自评表、汇总表、项目清单或决算表", "import excel open", True),
    Action("new", "新建", ("f3", "ctrl+n"), HOME, "新建一个单位一个年度的自评任务", "new create", True),
    Action("carry", "提取上年数据", ("f4", "ctrl+g"), HOME, "按上年的自评任务建立本年的，带出指标和项目", "carry last year", True),
    Action("open_package", "打开自评数据包", ("f5", "ctrl+o"), HOME, "打开用邮件或优盘收到的自评数据包", "open package", True),
    Action("sample", "示例", ("f6", "ctrl+t"), HOME, "打开内置的示例（另存一份，可以随意改）", "sample demo example", True),
    Action("delete", "删除", ("f8", "ctrl+d"), HOME, "删除选中的自评任务（可以恢复）", "delete remove", True),
    Action("restore", "恢复删除的", ("f9", "ctrl+r"), HOME, "列出已删除的自评任务并恢复", "restore undelete"),
    Action("base_data", "基础数据", ("f2", "ctrl+b"), SESSION, "一次填好、供各项公式取用的数", "base data inputs", True),
    Action("tune", "调整指标", ("f3", "ctrl+r"), WORKBENCH, "改本指标的分值、指标值、评分标准，存为本单位的指标体系", "adjust rule points"),
    Action("next_unfilled", "下一未填", ("f4", "ctrl+n"), WORKBENCH, "到下一个没有填的指标", "next unfilled", True),
    Action("projects", "项目", ("f5", "ctrl+o"), SESSION, "项目清单，逐个填项目支出绩效自评表", "projects", True),
    Action("table", "表格", ("f6", "ctrl+t"), WORKBENCH, "像自评表一样整张填写，可从表格软件粘贴", "table sheet paste", True),
    Action("findings", "审核", ("f7", "ctrl+g"), SESSION, "对不上的数、缺的材料、要写的说明", "check findings audit", True),
    Action("summary", "汇总", ("f8", "ctrl+k"), SESSION, "自评汇总表、得分情况表、扣分明细表", "summary totals", True),
    Action("export", "导出", ("f9", "ctrl+e"), SESSION, "导出 Excel、报告、自评数据包", "export excel word", True),
    Action("history", "修改记录", ("f10", "ctrl+d"), SESSION, "谁在什么时候改了什么，可以改回来", "history changes"),
    Action("review", "复核", ("f11", "ctrl+f"), SESSION, "在自评分旁边写复核得分和意见", "review"),
    Action("submit", "上报", ("ctrl+u",), SESSION, "审核通过后上报并锁定；或退回、办结复核", "submit stage"),
    Action("department", "部门整体", ("ctrl+w",), SESSION, "回到部门整体自评", "department whole"),
    Action("previous_indicator", "上一项", ("pageup",), WORKBENCH, "到上一个指标", "previous indicator"),
    Action("next_indicator", "下一项", ("pagedown",), WORKBENCH, "到下一个指标", "next indicator"),
    Action("undo", "撤销", ("ctrl+z",), SESSION, "撤销上一次修改（一次导入算一次）", "undo", True),
    Action("redo", "重做", ("ctrl+y",), SESSION, "恢复刚撤销的修改", "redo"),
    Action("saved", "保存情况", ("ctrl+s",), SESSION, "每填一项自动保存，不必另存", "save"),
    Action("back", "返回", ("escape",), SESSION, "取消正在输入的内容；没有在输入时返回上一屏", "back close"),
)  # fmt: skip
"""Every action, in the order help prints them."""


def of(*where: str) -> Iterator[Action]:
    """Yield the actions usable in these places, in table order."""
    return (action for action in ACTIONS if action.where in where)


def bindings(*where: str) -> list[BindingType]:
    """Return the key bindings of the actions usable in these places, for a screen or the app."""
    from textual.binding import Binding

    return [
        Binding(
            ",".join(action.keys),
            action.id,
            action.title,
            show=action.footer,
            tooltip=action.help,
            id=action.id if action.where != HOME else f"home.{action.id}",
            priority=action.id not in ("back", "previous_indicator", "next_indicator"),
            key_display=key_text(action.keys[0]),
        )
        for action in of(*where)
    ]


_KEYS = {
    "escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn", "backslash": "\\", "enter": "Enter",
    "tab": "Tab", "space": "空格", "delete": "Del", "insert": "Ins", "up": "上", "down": "下",
    "left": "左", "right": "右",
}  # fmt: skip


def key_text(key: str) -> str:
    """Return a key as people read it: ``ctrl+z`` → ``Ctrl+Z``."""
    parts = key.split("+")
    return "+".join(
        _KEYS.get(part, part.upper() if len(part) < 4 else part.title()) for part in parts
    )


# --- finding by 汉字, pinyin or English ------------------------------------------------------


def matches(query: str, title: str, english: str = "") -> bool:
    """Whether ``query`` means ``title``: part of it, its pinyin, its initials, or a word for it."""
    wanted = "".join(query.lower().split())
    if not wanted:
        return True
    return any(
        wanted in text for text in (title.lower(), *_spelled(title), english.replace(" ", ""))
    )


@lru_cache(maxsize=4096)
def _spelled(title: str) -> tuple[str, str]:
    """Return a title's pinyin and its initials: 审核 → ``shenhe``, ``sh``."""
    from pypinyin import Style, lazy_pinyin

    full = lazy_pinyin(title)
    initials = lazy_pinyin(title, style=Style.FIRST_LETTER)
    return "".join(full).lower(), "".join(part[:1] for part in initials).lower()


def best_first(query: str, titles: Iterable[str]) -> list[str]:
    """Return the titles a query means, those that begin with it first."""
    wanted = query.lower()
    found = [title for title in titles if matches(query, title)]
    return sorted(
        found,
        key=lambda title: (
            not (title.lower().startswith(wanted) or _spelled(title)[1].startswith(wanted))
        ),
    )
