"""Whatever somebody typed comes out as text, and what was there before survives a failure."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfeval.exchange.report.figures import MARKED, clean, one_line, paragraphs
from perfeval.session.model import Session

HOSTILE = [
    ("{{ 单位 }}{% for x in y %}{# #}", "{{ 单位 }}{% for x in y %}{# #}"),
    ("{_{ 单位 }_}{_% if %_}", "{_{ 单位 }_}{_% if %_}"),
    ("甲<乙 & 丙>丁 </w:t></w:r>", "甲<乙 & 丙>丁 </w:t></w:r>"),
    ("&amp; &#60; &lt;", "&amp; &#60; &lt;"),
    ("\x00\x01甲\x0b\x1f乙\ufffe\ud800", "甲 乙"),
    ("甲\u202e乙\u2066丙\u200f", "甲乙丙"),
    ("\ufdd0abc\ufdd1 96.40 \ufdd2\ufdd3\ufdd4", "abc 96.40"),
    ('=HYPERLINK("http://x")', '=HYPERLINK("http://x")'),
    ("甲\t乙\a\f丙\r\n丁", "甲 乙 丙 丁"),
    ("𠮷野家👨‍👩‍👧", "𠮷野家👨‍👩‍👧"),
]


def test_hostile_texts_come_out_as_text(session: Session, word: SimpleNamespace) -> None:
    """One project for each, and all of them as texts of the unit; in both documents."""
    projects = {
        f"h{number}": session.projects["p7"].model_copy(
            update={"name": typed, "deviation_reason": typed}
        )
        for number, (typed, _) in enumerate(HOSTILE)
    }
    together = "\n".join(typed.replace("\n", " ") for typed, _ in HOSTILE[:4])
    changed = session.model_copy(
        update={
            "unit": session.unit.model_copy(update={"name": HOSTILE[0][0]}),
            "projects": projects,
            "project_order": tuple(projects),
            "claimed": {},
            "texts": {"主要职责": together, "改进措施": HOSTILE[4][0]},
        }
    )
    made = word.rendered(changed)
    texts = word.texts(made.data)
    assert HOSTILE[0][1] in texts  # the cover
    *_, summary = word.tables(made.data)
    assert [row[1] for row in summary[1:-1]] == [read for _, read in HOSTILE]
    assert [row[-1] for row in summary[1:-1]] == [read for _, read in HOSTILE]
    at = texts.index(HOSTILE[0][1], texts.index("（一）单位简介", 20))
    assert texts[at : at + 4] == [read for _, read in HOSTILE[:4]]
    notice = word.texts(word.rendered(changed, word.NOTICE).data)
    for number, (_, read) in enumerate(HOSTILE, 1):
        assert any(text.startswith(f"{number}. {read}：") for text in notice), read


def test_a_very_long_text_is_printed_whole(session: Session, word: SimpleNamespace) -> None:
    text = "字" * 19_999 + "。"
    made = word.rendered(word.with_values(session, texts__主要职责=text))
    assert text in word.texts(made.data)


@settings(max_examples=200)
@given(st.text(st.characters(codec=None), max_size=60))
def test_no_text_can_mark_a_number_or_break_the_file(text: str) -> None:
    for made in (clean(text), one_line(text), *paragraphs(text)):
        assert not MARKED.search(made)
        made.encode("utf-8")
        assert not set(made) & {chr(code) for code in range(32) if code not in (9, 10, 13)}
        assert "\n" not in one_line(text)


KILLED = """
import os, sys, time
from pathlib import Path
from perfeval.exchange.book import Material
from perfeval.exchange.outgoing import Wanted, send
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.files import loads

session = loads(sample_text())
def wait(handle):
    print("writing", flush=True)
    time.sleep(60)
os.fsync = wait
material = Material(session, score_session(session, find), find)
send(material, Path(sys.argv[1]), Wanted(("自评报告",)))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_killed_while_writing_the_older_report_is_untouched(
    session: Session, tmp_path: Path
) -> None:
    old = tmp_path / "新乡市科学技术协会_2024年度_自评报告.docx"
    old.write_bytes(b"old")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
    assert old.read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix", reason="file size limits")
def test_a_full_disk_leaves_the_older_report_untouched(tmp_path: Path) -> None:
    old = tmp_path / "新乡市科学技术协会_2024年度_自评报告.docx"
    old.write_bytes(b"old")
    script = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    ) + KILLED.replace("os.fsync = wait", "")
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "没有写成" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [old.name]
    assert old.read_bytes() == b"old"
