"""The sample and sessions like it as material for documents, and a plain reader of .docx."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree  # type: ignore[import-untyped]

from perfeval.exchange.book import Material
from perfeval.exchange.report.documents import WORD_DOCUMENTS, WordFile, word_file
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.model import Fund, Project, Session

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
REPORT, NOTICE = WORD_DOCUMENTS


def material(session: Session) -> Material:
    return Material(session, score_session(session, find), find)


def with_values(session: Session, **values: Any) -> Session:
    """Change values by path; ``__`` stands for ``/``."""
    for path, new in values.items():
        session = apply(session, edit(session, path.replace("__", "/"), new))
    return session


def with_projects(session: Session, count: int, name: str = "项目{}", **more: str) -> Session:
    """The session with so many projects of its own, one point off each."""
    projects = {
        f"p{number}": Project(
            set="mof-project-2020",
            name=name.format(number),
            funds={"total": Fund(budget="10", executed="9")},
            tier_rates={"产出指标": "100%", "效益指标": "100%", "满意度指标": "100%"},
            **more,
        )
        for number in range(1, count + 1)
    }
    new = {"projects": projects, "project_order": tuple(projects), "claimed": {}}
    return session.model_copy(update=new)


def part(data: bytes, name: str = "word/document.xml") -> Any:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return etree.fromstring(archive.read(name))


def texts(data: bytes) -> list[str]:
    """The text of every paragraph, tables included."""
    root = part(data)
    return ["".join(t.text or "" for t in p.iter(f"{W}t")) for p in root.iter(f"{W}p")]


def edited(data: bytes, change: Callable[[str], str]) -> bytes:
    """The document with its XML changed, as an editor would write it again."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                content = change(content.decode()).encode()
            new.writestr(name, content)
    return buffer.getvalue()


def tables(data: bytes) -> Iterator[list[list[str]]]:
    for table in part(data).iter(f"{W}tbl"):
        yield [
            ["".join(t.text or "" for t in cell.iter(f"{W}t")) for cell in row.iter(f"{W}tc")]
            for row in table.iter(f"{W}tr")
        ]


def rendered(session: Session, kind: Any = REPORT) -> WordFile:
    return word_file(kind, material(session))


@pytest.fixture(scope="session")
def word() -> SimpleNamespace:
    """What the tests of this folder share; a test module cannot import from a conftest."""
    return SimpleNamespace(
        material=material, part=part, texts=texts, edited=edited, tables=tables, rendered=rendered,
        with_values=with_values, with_projects=with_projects, W=W, REPORT=REPORT, NOTICE=NOTICE,
        style=_style, find=find, re=re,
    )  # fmt: skip


def _style(data: bytes, name: str) -> Any:
    for style in part(data, "word/styles.xml").iter(f"{W}style"):
        if style.find(f"{W}name").get(f"{W}val").lower() == name.lower():
            return style
    raise AssertionError(name)


@pytest.fixture(scope="session")
def session() -> Session:
    return loads(sample_text())


@pytest.fixture(scope="session")
def report(session: Session) -> WordFile:
    return rendered(session)


@pytest.fixture(scope="session")
def notice(session: Session) -> WordFile:
    return rendered(session, NOTICE)
