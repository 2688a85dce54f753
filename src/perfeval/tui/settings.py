"""The user's settings: one JSON file in the data folder, every field with what it is for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from perfeval.places import data_folder

Theme = Literal["浅色", "深色", "高对比", "单色"]


class Settings(BaseModel):
    """What the user decided once, for this computer."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(default="", title="姓名", description="记入修改记录；上报和复核时署名")
    office: str = Field(default="", title="科室", description="与姓名一起记入修改记录")
    theme: Theme = Field(default="浅色", title="颜色", description="单色用于不显示颜色的终端")
    money_unit: Literal["万元", "元"] = Field(
        default="万元", title="金额单位", description="新建自评任务时用的单位"
    )
    export_folder: str = Field(
        default="", title="导出位置", description="空着时存到 exports 或“文档”里的 perfeval"
    )
    file_name: str = Field(
        default="{单位编码}{单位}_{年度}年度_{文种}",
        title="文件名",
        description="导出文件的取名办法",
    )
    keys: dict[str, str] = Field(
        default_factory=dict, title="按键", description="给某个操作换一个键，如 undo: ctrl+z"
    )

    @property
    def who(self) -> str:
        """Who is at work, as the journal records it: 姓名（科室）."""
        name = self.name or os.environ.get("PERFEVAL_USER", "")
        return f"{name}（{self.office}）" if name and self.office else name


def settings_file() -> Path:
    """Where the settings are kept."""
    return data_folder() / "settings.json"


def load_settings() -> tuple[Settings, str]:
    """Return the settings and what is wrong with their file, if anything.

    A file that cannot be read, or a value that is not allowed, leaves the default in its place.
    """
    file = settings_file()
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, ValueError):
        return Settings(), f"设置文件 {file} 读不懂，已按缺省设置"
    try:
        return Settings.model_validate(raw), ""
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]}
        rest = {key: value for key, value in raw.items() if key not in wrong} if wrong else {}
        return Settings.model_validate(
            rest
        ), f"设置文件 {file} 里的 {'、'.join(sorted(wrong))} 不对，已按缺省"


def save_settings(settings: Settings) -> None:
    """Write the settings beside the old file and put it in its place."""
    file = settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(
        json.dumps(settings.model_dump(), ensure_ascii=False, indent=2), encoding="utf-8"
    )
    new.replace(file)
