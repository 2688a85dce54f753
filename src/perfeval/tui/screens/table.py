"""表格视图: the evaluation as the 自评表 itself, filled in cell by cell or by a pasted block."""

from __future__ import annotations

from perfeval.tui.screens.base_data import SheetScreen
from perfeval.tui.sheet_view import NEW, form_sheet
from perfeval.tui.widgets.text import Told


class TableScreen(SheetScreen):
    """一级 · 二级 · 三级 · 分值 · 年度指标值 · 实际完成值 · 得分 · 偏差原因."""

    TITLE_PART = "自评表"

    def __init__(self, evaluation: str = "department", place: str = "") -> None:
        super().__init__(evaluation)
        self.place = place

    @property
    def subject(self) -> str:
        if self.evaluation == "department":
            return "自评表"
        return (
            f"{self.desk.session.projects[self.evaluation.removeprefix('projects/')].name} · 自评表"
        )

    @property
    def scored(self) -> str:
        return self.evaluation

    @property
    def present(self) -> bool:
        return self.desk.has(self.evaluation)

    def show(self) -> None:
        self.call_later(self._show)

    async def _show(self) -> None:
        if not self.desk.is_open or not self.is_attached:
            return
        shown = self.shown
        view = form_sheet(shown)
        told = "回车下一行，Tab 右一格；“+ 新增”处填新指标，可粘贴多行多列；F4 到填报页"
        self.query_one("#told", Told).tell(told)
        first = not self.sheet.view.rows
        await self.show_sheet(view)
        if first:
            keys = [row.key for row in view.rows]
            key = self.place if self.place in keys else self._line_of_group(keys)
            self.sheet.focus_cell(key or self.sheet.key, self.sheet.column)

    def _line_of_group(self, keys: list[str]) -> str:
        """The line of the group the user comes from: where a new row would be begun."""
        name = NEW + self.place.rpartition("#")[2]
        return name if name in keys else ""

    async def action_jump(self) -> None:
        """Go to the fields of the line's indicator."""
        await self.flush()
        key = self.sheet.key
        if key and not key.startswith(NEW):
            self.home_app.jump(key)
        else:
            self.notify("这一行还没有指标，先填名称")
