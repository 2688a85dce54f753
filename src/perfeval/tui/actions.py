"""The one table of actions: keys, key bar, palette, help and manual are all made from it.

Keys are function keys with a Ctrl twin, never bare letters: an input method eats those, and they
belong to the field being typed in. Users may give an action other keys by its ``id`` (settings).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from perfeval.errors import nearest

if TYPE_CHECKING:
    from textual.binding import BindingType

ANYWHERE, HOME, SESSION, WORKBENCH = "通用", "自评任务", "自评", "填报"
"""Where an action can be used: everywhere, on the first screen, on every screen of an open session,
only in the workbench."""
EDITING = "填写"
"""Where fields are filled in: the workbench, 基础数据, the table."""
SHEETS = "整表"
"""基础数据 and the table."""
HISTORY, MERGING, IMPORTING = "修改记录", "合并", "导入"
AUDIT = "核对公开稿"
PROJECTS, FINDINGS, SUMMARY = "项目", "审核", "汇总"
EXPORT, REVIEW, TUNE = "导出", "复核", "调整指标体系"
RETURNED = "退回的项"
"""Screens with keys of their own."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do: ``id`` names it in settings and in code (``action_<id>``).

    ``title`` is what key bar, palette and help call it; ``english`` are more words to find it by.
    ``bar`` says how soon the key bar gives it room: 1 first, 0 never.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    where: str
    bar: int
    help: str
    english: str

    @property
    def on_app(self) -> bool:
        """Whether the app carries it out; what belongs to one screen, that screen does."""
        return self.where in (ANYWHERE, SESSION) and self.id != "back"

    def found_by(self, query: str) -> bool:
        """Whether a palette query in 汉字, pinyin, pinyin initials or English means this."""
        return matches(query, self.title, self.english)


ACTIONS = (
    Action("help", "帮助", ("f1", "ctrl+l"), ANYWHERE, 1,
           "本屏的按键、每个词的意思", "help keys glossary"),
    Action("import_excel", "从 Excel 导入", ("f2", "ctrl+b"), HOME, 2,
           "读入已有的自评表、汇总表、项目清单或决算表", "import excel open"),
    Action("new", "新建", ("f3", "ctrl+n"), HOME, 3,
           "新建一个单位一个年度的自评任务", "new create"),
    Action("carry", "提取上年", ("f4", "ctrl+g"), HOME, 6,
           "提取上年数据：按上年的任务建立本年的，带出指标和项目", "carry last year"),
    Action("open_package", "打开数据包", ("f5", "ctrl+o"), HOME, 4,
           "打开用邮件或优盘收到的自评数据包", "open package"),
    Action("sample", "示例", ("f6", "ctrl+t"), HOME, 5,
           "打开内置的示例（另存一份，可以随意改）", "sample demo example"),
    Action("delete", "删除", ("f8", "ctrl+d"), HOME, 7,
           "删除选中的自评任务（可以恢复）", "delete remove"),
    Action("restore", "恢复", ("f9", "ctrl+r"), HOME, 8,
           "列出已删除的自评任务并恢复", "restore undelete"),
    Action("audit_report", "核对公开稿", ("f7", "ctrl+y"), HOME, 9,
           "逐个核对公开的决算、自评报告里的数，不必先建任务", "audit published report"),
    Action("base_data", "基础数据", ("f2", "ctrl+b"), SESSION, 8,
           "一次填好、供各项公式取用的数", "base data inputs"),
    Action("texts", "单位和报告", ("shift+f2", "alt+w"), SESSION, 15,
           "单位信息、表外数字、报告里由单位写的文字", "report texts unit phone statements"),
    Action("tune", "调整指标", ("f3", "ctrl+r"), WORKBENCH, 14,
           "改本指标的分值、指标值、评分标准，存为本单位的指标体系", "adjust rule points"),
    Action("next_unfilled", "下一未填", ("f4", "ctrl+n"), WORKBENCH, 2,
           "到下一个没有填的指标；本表填完，到下一张没有填完的", "next unfilled"),
    Action("projects", "项目", ("f5", "ctrl+o"), SESSION, 5,
           "项目清单，逐个填项目支出绩效自评表", "projects"),
    Action("table", "表格", ("f6", "ctrl+t"), WORKBENCH, 6,
           "像自评表一样整张填写，可从表格软件粘贴", "table sheet paste"),
    Action("findings", "审核", ("f7", "ctrl+g"), SESSION, 3,
           "对不上的数、缺的材料、要写的说明", "check findings audit"),
    Action("summary", "汇总", ("f8", "ctrl+k"), SESSION, 4,
           "自评汇总表、得分情况表、扣分明细表", "summary totals"),
    Action("export", "导出", ("f9", "ctrl+e"), SESSION, 4,
           "导出 Excel、报告、自评数据包", "export excel word"),
    Action("history", "修改记录", ("f10", "ctrl+d"), SESSION, 12,
           "谁在什么时候改了什么，可以改回来", "history changes"),
    Action("review", "复核", ("f11", "ctrl+f"), SESSION, 13,
           "在自评分旁边写复核得分和意见", "review"),
    Action("submit", "上报", ("ctrl+u",), SESSION, 9,
           "审核通过后上报并锁定；或退回修改、办结复核", "submit stage seal"),
    Action("department", "部门整体", ("ctrl+w",), SESSION, 0,
           "回到部门整体自评", "department whole"),
    Action("previous_indicator", "上一项", ("pageup",), WORKBENCH, 0,
           "到上一个指标", "previous indicator"),
    Action("next_indicator", "下一项", ("pagedown",), WORKBENCH, 7,
           "到下一个指标", "next indicator"),
    Action("accept", "采用", ("ctrl+a",), EDITING, 3,
           "要素全部符合；采用本栏的建议；在原因栏选常用语", "accept all met suggestion stock"),
    Action("jump", "到指标", ("f4", "ctrl+n"), SHEETS, 2,
           "到用这个数的指标；在表格里到这一行的填报页", "jump indicator"),
    Action("pane_left", "左边一栏", ("ctrl+left",), EDITING, 0,
           "窄屏切换 指标体系、填报、计分过程；宽屏移到左边一栏", "pane tab left"),
    Action("pane_right", "右边一栏", ("ctrl+right",), EDITING, 0,
           "窄屏切换 指标体系、填报、计分过程；宽屏移到右边一栏", "pane tab right"),
    Action("delete_row", "删除本行", ("ctrl+delete",), EDITING, 0,
           "删除光标所在的个性指标或资金来源（可以撤销）", "delete row"),
    Action("row_up", "上移本行", ("ctrl+up",), EDITING, 0,
           "个性指标、资金来源上移一行", "move row up"),
    Action("row_down", "下移本行", ("ctrl+down",), EDITING, 0,
           "个性指标、资金来源下移一行", "move row down"),
    Action("revert", "改回来", ("f3", "ctrl+r"), HISTORY, 2,
           "把选中的这一处改回修改前的内容（记为一次新的修改）", "revert"),
    Action("by_field", "按栏目看", ("f4", "ctrl+n"), HISTORY, 3,
           "只看选中栏目的修改；再按一次看全部", "filter field"),
    Action("by_person", "按人看", ("f6", "ctrl+t"), HISTORY, 3,
           "只看一个人的修改；再按一次看全部", "filter person who"),
    Action("take_theirs", "全取来件", ("f3", "ctrl+r"), MERGING, 3,
           "两边都改过的，一律取来件的", "take theirs all"),
    Action("merge", "合并", ("f4", "ctrl+n"), MERGING, 2,
           "按所选的合并，记为一次修改，可以一并撤销", "merge apply"),
    Action("every_cell", "全部列出", ("f3", "ctrl+r"), IMPORTING, 3,
           "连标题和相同的格也列出；再按一次只看要写入和不采用的", "all cells"),
    Action("apply_import", "导入", ("f4", "ctrl+n"), IMPORTING, 2,
           "照所列的写入，记为一次修改，可以一并撤销", "apply import"),
    Action("add_project", "增加", ("f4", "ctrl+n"), PROJECTS, 2,
           "增加一个项目，先写名称", "add project new"),
    Action("rename_project", "改名", ("f3", "ctrl+r"), PROJECTS, 3,
           "改选中项目的名称", "rename"),
    Action("copy_project", "复制", ("f6", "ctrl+t"), PROJECTS, 8,
           "在后面增加一个内容相同的项目", "copy duplicate"),
    Action("exclude_project", "不参评", ("insert",), PROJECTS, 6,
           "写明理由，不参加自评（资金照列，写入汇总表附注）；再按一次参加", "exclude"),
    Action("remove_project", "删除", ("ctrl+delete",), PROJECTS, 7,
           "删除选中的项目及其全部内容（可以撤销）", "delete remove"),
    Action("project_up", "上移", ("ctrl+up",), PROJECTS, 0,
           "在汇总表里往前移一位", "move up order"),
    Action("project_down", "下移", ("ctrl+down",), PROJECTS, 0,
           "在汇总表里往后移一位", "move down order"),
    Action("next_order", "换排法", ("ctrl+right",), PROJECTS, 9,
           "按序号、问题多少、得分、执行率或预算排列", "sort order"),
    Action("previous_order", "上一种排法", ("ctrl+left",), PROJECTS, 0,
           "回到前一种排列", "sort order back"),
    Action("correct", "改填报数", ("f3", "ctrl+r"), FINDINGS, 2,
           "改正报告或表上印的数（填报数、表外数字）", "correct claimed"),
    Action("explain", "核实说明", ("f4", "ctrl+n"), FINDINGS, 2,
           "说明数字为什么没有错；所说的数字变了就失效", "explain waive"),
    Action("audit_published", "核对公开稿", ("f6", "ctrl+t"), FINDINGS, 4,
           "逐个核对公开的决算、自评报告里的数", "audit published report"),
    Action("audit_again", "重新核对", ("f3", "ctrl+r"), AUDIT, 3,
           "改过公开稿后再核对一次：已写的核实说明照留，列出已改正和新出现的", "again recheck"),
    Action("explain_audit", "核实说明", ("f4", "ctrl+n"), AUDIT, 2,
           "说明数字为什么没有错；所说的数字变了就失效", "explain waive"),
    Action("audit_to_session", "建立任务", ("f5", "ctrl+o"), AUDIT, 6,
           "按公开稿建立自评任务：印出的得分作填报数，每个数记着出处", "make session"),
    Action("compare_audit", "对比", ("f6", "ctrl+t"), AUDIT, 5,
           "与以前的审核记录对比：哪些已改正、仍在、新出现", "compare earlier"),
    Action("audit_coverage", "核对范围", ("f8", "ctrl+k"), AUDIT, 7,
           "核对了什么，什么没有核对到", "coverage"),
    Action("export_audit", "导出", ("f9", "ctrl+e"), AUDIT, 4,
           "审核结果写成 Excel 和 Word", "export excel word"),
    Action("next_sheet", "下一张表", ("ctrl+right",), SUMMARY, 2,
           "得分情况表、自评汇总表、扣分明细表、图", "next sheet"),
    Action("previous_sheet", "上一张表", ("ctrl+left",), SUMMARY, 0,
           "回到前一张表", "previous sheet"),
    Action("export_place", "位置", ("f3", "ctrl+r"), EXPORT, 3,
           "导出到哪个文件夹（记住）", "folder place"),
    Action("export_separate", "分开存", ("f4", "ctrl+n"), EXPORT, 5,
           "合成一个 Excel，或每种表一个文件", "separate together"),
    Action("export_version", "版本", ("f6", "ctrl+t"), EXPORT, 4,
           "内部上报版，或公开版", "public version"),
    Action("return_mark", "退回修改", ("f3", "ctrl+r"), REVIEW, 3,
           "把这一项退回单位修改，写明要改什么", "return reject"),
    Action("next_unmarked", "下一未复核", ("f4", "ctrl+n"), REVIEW, 2,
           "到下一项没有复核的，或复核结论过期的", "next unmarked"),
    Action("stock_opinion", "常用意见", ("f6", "ctrl+t"), REVIEW, 4,
           "插入一条常用意见，再改成自己的话", "opinion"),
    Action("answer_mark", "反馈", ("insert",), REVIEW, 6,
           "单位的反馈意见：采纳，或不采纳并写理由", "feedback answer"),
    Action("accept_rest", "认可其余", ("ctrl+a",), REVIEW, 3,
           "没有复核的各项按自评得分一并认可；在总览里是全部自评表的", "accept all rest"),
    Action("answer_returned", "反馈", ("insert",), RETURNED, 2,
           "对复核意见的反馈：采纳，或不采纳并写理由", "feedback answer"),
    Action("next_evaluation", "下一张", ("ctrl+right",), REVIEW, 0,
           "复核下一个项目", "next project"),
    Action("previous_evaluation", "上一张", ("ctrl+left",), REVIEW, 0,
           "复核上一个项目或部门整体", "previous project"),
    Action("save_tuning", "保存", ("f3", "ctrl+r"), TUNE, 2,
           "写明依据，存为本单位的指标体系，本任务按它计分", "save"),
    Action("choose_rule", "计分规则", ("f6", "ctrl+t"), TUNE, 3,
           "换一种计分规则", "rule"),
    Action("undo", "撤销", ("ctrl+z",), SESSION, 7,
           "撤销上一次修改（一次导入算一次）", "undo"),
    Action("redo", "重做", ("ctrl+y",), SESSION, 0,
           "恢复刚撤销的修改", "redo"),
    Action("saved", "保存情况", ("ctrl+s",), SESSION, 0,
           "每填一项自动保存，不必另存", "save"),
    Action("back", "返回", ("escape",), SESSION, 11,
           "取消正在输入的内容；没有在输入时返回上一屏", "back close"),
    Action("settings", "设置", ("f12", "ctrl+backslash"), ANYWHERE, 12,
           "姓名、科室、颜色、按键、数据位置", "settings theme color"),
    Action("palette", "查找", ("ctrl+p",), ANYWHERE, 9,
           "按汉字、拼音首字母或英文查找命令、指标、项目", "command palette find search"),
    Action("quit", "退出", ("ctrl+q",), ANYWHERE, 10,
           "填过的都已保存，随时可以退出", "quit exit"),
)  # fmt: skip
"""Every action, in the order help and manual print them."""

BY_ID = {action.id: action for action in ACTIONS}


def of(*where: str) -> Iterator[Action]:
    """Yield the actions usable in these places, in table order."""
    return (action for action in ACTIONS if action.where in where)


NOT_FIRST = frozenset({"back", "previous_indicator", "next_indicator"})
"""What the focused field may use itself; every other key is ours before it is the field's."""


def bindings(*where: str) -> list[BindingType]:
    """Return the key bindings of the actions usable in these places, for a screen or the app."""
    from textual.binding import Binding

    return [
        Binding(
            ",".join(map(as_sent, action.keys)),
            f"app.{action.id}" if action.on_app else action.id,
            action.title,
            show=action.bar > 0,
            tooltip=action.help,
            id=action.id,
            priority=action.id not in NOT_FIRST,
            key_display=key_text(action.keys[0]),
        )
        for action in of(*where)
    ]


# --- keys ------------------------------------------------------------------------------------


def as_sent(key: str) -> str:
    """Return a key with what terminals call it: most send Shift+F2 as F14."""
    number = re.fullmatch(r"shift\+f(\d+)", key)
    return f"{key},f{int(number[1]) + 12}" if number else key


_KEYS = {
    "escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn", "backslash": "\\", "enter": "Enter",
    "tab": "Tab", "space": "空格", "delete": "Del", "insert": "Ins", "up": "上", "down": "下",
    "left": "左", "right": "右", "home": "Home", "end": "End",
}  # fmt: skip


def key_text(key: str) -> str:
    """Return a key as people read it: ``ctrl+z`` → ``Ctrl+Z``."""
    parts = key.split("+")
    return "+".join(
        _KEYS.get(part, part.upper() if len(part) < 4 else part.title()) for part in parts
    )


def keys_text(action: Action, keymap: Mapping[str, str]) -> str:
    """Return an action's keys as people read them, the user's own in place of ours."""
    keys = keymap[action.id].split(",") if action.id in keymap else action.keys
    return " / ".join(key_text(key) for key in keys)


_FUNCTION = re.compile(r"(?:(?:ctrl|shift|alt)\+)*f(?:[1-9]|1[0-9]|2[0-4])")
_LETTER = re.compile(r"(?:ctrl|alt)\+(?:shift\+)?(?:[a-z0-9]|backslash)")
_NAMED = re.compile(r"(?:(?:ctrl|shift|alt)\+)*(?:insert|delete|home|end|pageup|pagedown)")
_TAKEN = {
    "ctrl+h": "退格", "ctrl+i": "Tab", "ctrl+j": "回车", "ctrl+m": "回车", "ctrl+c": "复制",
    "ctrl+x": "剪切", "ctrl+v": "粘贴",
}  # fmt: skip


def keymap(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the keys a user wants by action id, and what is wrong with the others.

    A wrong key is told and left out; it never keeps the program from starting. Several keys are
    separated by commas or spaces; capitals do not count.
    """
    good: dict[str, str] = {}
    problems = []
    for name, text in wanted.items():
        keys = [_key(part) for part in re.split(r"[,，、\s]+", text.strip()) if part]
        if name not in BY_ID:
            problems.append(f"按键设置：没有操作“{name}”。{nearest(name, BY_ID)}".strip())
        elif problem := next(filter(None, map(_wrong_key, keys)), "" if keys else "没有写按键"):
            problems.append(f"按键设置：{BY_ID[name].title}（{name}）：{problem}，仍用原来的键")
        else:
            good[name] = ",".join(map(as_sent, keys))
    for one in list(good):
        if other := _clash(one, good):
            told = f"{key_text(good[one].split(',')[0])} 已经用于“{other.title}”"
            problems.append(f"按键设置：{BY_ID[one].title}（{one}）：{told}，仍用原来的键")
            del good[one]
    return good, problems


def _key(text: str) -> str:
    words = text.lower().replace("\\", "backslash").split("+")
    names = {
        "control": "ctrl",
        "pgup": "pageup",
        "pgdn": "pagedown",
        "del": "delete",
        "ins": "insert",
    }
    return "+".join(names.get(word, word) for word in words)


def _wrong_key(key: str) -> str:
    if key in _TAKEN:
        return f"{key_text(key)} 是{_TAKEN[key]}键，不能改作他用"
    if any(form.fullmatch(key) for form in (_FUNCTION, _LETTER, _NAMED)):
        return ""
    if len(key) == 1:
        return f"“{key}”是打字用的键，请写 Ctrl 加字母或功能键，如 ctrl+{key}、f5"
    return f"“{key}”不是按键的写法，请写如 f5、ctrl+z、shift+f2"


def _clash(name: str, good: Mapping[str, str]) -> Action | None:
    """Return another action that can be used in the same place by one of the same keys."""
    mine = BY_ID[name]
    for other in ACTIONS:
        if other.id == name or not meet(mine.where, other.where):
            continue
        keys = good[other.id].split(",") if other.id in good else other.keys
        if set(keys) & set(good[name].split(",")):
            return other
    return None


def meet(one: str, other: str) -> bool:
    """Whether actions of two places can be used on one screen."""
    pair = {one, other}
    if len(pair) == 1 or ANYWHERE in pair or (EDITING in pair and pair & {WORKBENCH, SHEETS}):
        return True
    return SESSION in pair and not pair & {HOME, IMPORTING, AUDIT}


# --- finding by 汉字, pinyin or English ------------------------------------------------------


def matches(query: str, title: str, english: str = "") -> bool:
    """Whether ``query`` means ``title``: part of it, its pinyin, its initials, or a word for it."""
    wanted = "".join(query.lower().split())
    if not wanted:
        return True
    return any(
        wanted in text
        for text in (title.lower(), *_spelled(title), english.replace(" ", "").lower())
    )


@lru_cache(maxsize=4096)
def _spelled(title: str) -> tuple[str, str]:
    """Return a title's pinyin and its initials: 审核 → ``shenhe``, ``sh``."""
    from pypinyin import Style, lazy_pinyin

    full = lazy_pinyin(title)
    initials = lazy_pinyin(title, style=Style.FIRST_LETTER)
    return "".join(full).lower(), "".join(part[:1] for part in initials).lower()


def prepare(*titles: str) -> None:
    """Load the pinyin of every sign, and that of ``titles``, which takes a second: in a thread,
    before one searches.
    """
    for title in ("", *titles):
        _spelled(title)


def begins(query: str, title: str) -> bool:
    """Whether a title, its pinyin or its initials begin with ``query``: the likelier meaning."""
    wanted = "".join(query.lower().split())
    return any(text.startswith(wanted) for text in (title.lower(), *_spelled(title)))


# --- for the manual --------------------------------------------------------------------------


def manual_table(*where: str) -> str:
    """Return the manual's table of the keys of these places, in Markdown."""
    rows = [f"| {keys_text(a, {})} | {a.title} | {a.help} |" for a in of(*where)]
    return "\n".join(["| 按键 | 操作 | 说明 |", "|---|---|---|", *rows])
