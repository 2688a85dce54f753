"""What leaves and enters: Excel (:func:`.workbook.export`), Word, 自评数据包, offices' own tables.

A workbook is sheets as plain data first, one file last: ``layout`` sheets, cells, styles, pages ·
``formulas`` the engine's steps as Excel formulas · ``lines`` what forms share ·
``entries`` 基础数据 · ``form`` 部门整体自评表 · ``project_form`` 项目支出绩效自评表 ·
``summary`` 自评汇总表 · ``score_table`` 得分情况表 · ``charts`` · ``deductions`` ·
``review_sheet`` · ``matters`` what is to be put right · ``registers`` the lists · ``check`` 核对
over all of them · ``book`` puts the forms together · ``documents`` the table of what can be
exported · ``workbook`` writes it · ``writer`` and ``filenames`` make the file.

``template`` fills a bureau's own blank form in place (``blank_form`` finds what its labels ask for,
``blank_matching`` which row is whose, ``blank_cells`` fills a cell, ``blank_rows`` puts rows in,
``template_values`` what its formulas give). ``report`` is the Word documents, ``outgoing``
everything by name, ``intake`` reads.
"""
