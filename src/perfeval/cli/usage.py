"""What the argument parser says, in Chinese: its help, and what it finds wrong in a command."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from typer.core import TyperCommand, TyperGroup

from perfeval.errors import Act, PerfevalError, printable

_HELP_WORDS = {
    "Usage: ": "用法：",
    "[OPTIONS] COMMAND [ARGS]...": "[选项] 命令 [参数]…",
    "[OPTIONS]": "[选项]",
    "Options:\n": "选项：\n",
    "Commands:\n": "命令：\n",
    "Arguments:\n": "参数：\n",
    "Show this message and exit.": "显示本帮助。",
    "[required]": "（必填）",
    "COMMAND": "命令",
    "…}...": "}…",
}
_HELP_NOISE = re.compile(r" <(str|int|path|list\[\w+\])>|  \[default: \w+\]")
"""Types and defaults as the parser writes them; where they matter the help text says it."""


def in_chinese(text: str) -> str:
    """Replace the few words the argument parser prints in English."""
    for english, chinese in _HELP_WORDS.items():
        text = text.replace(english, chinese)
    return _HELP_NOISE.sub("", text)


_COMMANDS: dict[Act, str] = {
    "list sessions": "perfeval sessions list",
    "list indicators": "perfeval score 编号",
    "open a copy": "perfeval open 文件 --copy 新编号",
    "copy a session": "perfeval sessions copy 编号 新编号",
}


def told(error: PerfevalError) -> str:
    """Say what stopped the work, and the command for what helps where there is one."""
    return f"{error}：{_COMMANDS[error.act]}" if error.act else str(error)


class Command(TyperCommand):
    """A command whose help is Chinese throughout."""

    def get_help(self, ctx: Any) -> str:
        return in_chinese(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands whose help is Chinese throughout, and so is what it does not know."""

    def get_help(self, ctx: Any) -> str:
        return in_chinese(super().get_help(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        word = args[0] if args else ""
        if self.get_command(ctx, word) is None and not word.startswith("-"):
            told = f"没有命令“{word}”{_meant(get_close_matches(word, self.commands, n=1))}"
            raise PerfevalError(_with_help(told, ctx.command_path))
        return super().resolve_command(ctx, args)


def wrong_use(error: Any) -> str:
    """Say in Chinese what the parser found wrong, and where help is.

    ``error`` is any of the parser's own exceptions; none of its English reaches the user.
    """
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return in_chinese(error.format_message())
    return _with_help(_told(error), context.command_path if context else "perfeval")


def _with_help(told: str, command: str) -> str:
    told = printable(told)
    return f"{told}{'' if told.endswith('？') else '。'}用 {command} --help 查看用法"


def _told(error: Any) -> str:
    match type(error).__name__:
        case "NoSuchOption":
            return f"没有选项 {error.option_name}{_meant(error.possibilities or ())}"
        case "MissingParameter":
            return f"缺少{_parameter(error).rstrip() or '参数'}"
        case "BadParameter":
            return f"{_parameter(error) or '参数'}的值不对{_wanted(error)}"
        case "BadOptionUsage" if "requires" in error.message:
            return f"选项 {error.option_name} 后面要写值"
        case "BadOptionUsage":
            return f"选项 {error.option_name} 后面不写值"
    if found := re.search(r"unexpected extra argument.*? \((.*)\)", error.message, re.DOTALL):
        return f"多余的参数 {found[1]}。一个参数里有空格的，要用引号括起来"
    return "命令写得不对"


def _meant(known: Any) -> str:
    return f"。是否想写“{known[0]}”？" if known else ""


def _wanted(error: Any) -> str:
    return "，应是整数" if "integer" in error.message else ""


def _parameter(error: Any) -> str:
    """Name the argument or option an error is about, as the help prints it."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return ""
    if parameter.param_type_name == "option":
        return f"选项 {parameter.opts[0]} "
    return str(parameter.metavar or "参数")
