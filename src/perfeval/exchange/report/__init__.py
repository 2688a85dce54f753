"""Word: 部门整体绩效自评报告 and 公开说明, rendered from templates an office may replace.

What a document says is plain data first (``context`` the report, ``notice`` the statement, made
with ``writing`` and ``projects``), Word last: ``figures`` marks each number with the path it is
from · ``word`` fills the template · ``ooxml`` finishes the XML
(bookmarks, tables, contents) · ``charts`` native charts · ``reread`` compares an edited report
with the session again · ``make_templates`` builds the shipped templates.
"""
