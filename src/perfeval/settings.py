"""The user's settings: one JSON file in the data folder, every field with what it is for.

The command line and the interface go by the same ones. The settings screen is drawn from this
model: ``title`` and ``description`` are what it shows.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from perfeval.errors import PerfevalError, printable, reason
from perfeval.files import replace_file
from perfeval.places import data_folder, export_folder

Theme = Literal["浅色", "深色", "高对比", "单色"]
FILE_NAME = "{单位编码}{单位}_{年度}年度_{文种}"
"""What an exported file is called, unless the user decides otherwise."""


def _one_line(text: object) -> object:
    return printable(text).strip() if isinstance(text, str) else text


def _a_day(text: object) -> object:
    """Refuse what is no date; ``2025-4-30`` is written out."""
    if not isinstance(text, str):
        return text
    year, _, rest = text.strip().replace("/", "-").replace(".", "-").partition("-")
    month, _, day = rest.partition("-")
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise ValueError(f"“{text}”不是日期，请写如 2025-04-30") from None


Line = Annotated[str, BeforeValidator(_one_line), Field(max_length=60)]
Day = Annotated[str, BeforeValidator(_a_day)]
Year = Annotated[str, Field(pattern=r"^20\d\d$")]


class Settings(BaseModel):
    """What the user decided once, for this computer."""

    model_config = ConfigDict(extra="ignore")

    name: Line = Field(default="", title="姓名", description="记入修改记录；上报和复核时署名")
    office: Line = Field(default="", title="科室", description="与姓名一起记入修改记录")
    theme: Theme = Field(default="浅色", title="颜色", description="单色用于不显示颜色的终端")
    money_unit: Literal["万元", "元"] = Field(
        default="万元", title="金额单位", description="新建自评任务时用的单位"
    )
    deadlines: dict[Year, Day] = Field(
        default_factory=dict, title="截止日期",
        description="各年度自评的截止日期，如 2024: 2025-04-30，用分号隔开",
    )  # fmt: skip
    export_folder: str = Field(
        default="", title="导出位置", description="空着时存到 exports 或“文档”里的 perfeval"
    )
    file_name: str = Field(
        default=FILE_NAME, title="文件名", description="导出文件的取名办法"
    )  # fmt: skip
    keys: dict[str, str] = Field(
        default_factory=dict, title="按键",
        description="给某个操作换一个键，如 undo: ctrl+z，用分号隔开；各操作的编号见本屏末尾",
    )  # fmt: skip

    @property
    def folder(self) -> Path:
        """Where documents are written unless told otherwise."""
        return Path(self.export_folder).expanduser() if self.export_folder else export_folder()

    @property
    def who(self) -> str:
        """How the user signs: 姓名（科室）; nothing where no name was given."""
        return f"{self.name}（{self.office}）" if self.name and self.office else self.name


def named(settings: Settings) -> str:
    """Return who said to be at work: ``PERFEVAL_USER`` (this run), else the settings."""
    return os.environ.get("PERFEVAL_USER", "").strip() or settings.who


def at_work(settings: Settings) -> str:
    """Return who is recorded: who said so (:func:`named`), else the computer's account."""
    try:
        return named(settings) or getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account the system has no name for
        return ""


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
        titles = "、".join(sorted(Settings.model_fields[name].title or name for name in wrong))
        told = f"设置文件 {file} 里的 {titles or '内容'} 不对，已按缺省"
        return Settings.model_validate(rest), told


def save_settings(settings: Settings) -> None:
    """Write the settings, whole or not at all.

    Raises :class:`PerfevalError` for a full or read-only place.
    """
    file = settings_file()
    text = json.dumps(settings.model_dump(), ensure_ascii=False, indent=2)
    try:
        replace_file(file, text.encode())
    except OSError as error:
        raise PerfevalError(f"设置没有保存（{reason(error)}）：{file}。请检查磁盘和权限") from error


def changed(settings: Settings, name: str, text: str) -> tuple[Settings, str]:
    """Return the settings with one of them typed anew, or the old ones and what is wrong.

    A setting of pairs is typed as ``键: 值；键: 值``.
    """
    value: object = text
    if isinstance(getattr(settings, name), dict):
        try:
            value = pairs(text)
        except ValueError as error:
            return settings, str(error)
    try:
        return Settings.model_validate(settings.model_dump() | {name: value}), ""
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        told = str(first.get("ctx", {}).get("error", ""))
        if first["type"] == "string_pattern_mismatch":
            told = "年度请写四位数，如 2024"
        return settings, told or "内容不合要求，可能太长"


def pairs(text: str) -> dict[str, str]:
    """Read ``键: 值；键: 值``. Raises ``ValueError`` for a part without a colon."""
    found = {}
    for part in text.replace("；", ";").replace("\n", ";").split(";"):
        if part.strip():
            key, colon, value = part.replace("：", ":").partition(":")
            if not colon:
                raise ValueError(f"“{part.strip()}”缺冒号，请写如 2024: 2025-04-30")
            found[key.strip()] = value.strip()
    return found


def pairs_text(found: dict[str, str]) -> str:
    """Return pairs as they are typed."""
    return "；".join(f"{key}: {value}" for key, value in found.items())


def days_left(deadlines: Mapping[str, str], year: int, today: date) -> str:
    """Return what 截止 shows for a year: ``剩 47 天``, ``今天``, ``过 3 天``, or nothing."""
    if not (given := deadlines.get(str(year))):
        return ""
    days = (date.fromisoformat(given) - today).days
    return "今天" if days == 0 else f"剩 {days} 天" if days > 0 else f"过 {-days} 天"
