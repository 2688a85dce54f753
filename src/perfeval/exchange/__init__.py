"""What leaves and enters: the workbook (:func:`.workbook.export_workbook`), 自评数据包.

A workbook is sheets as plain data first, one file last: ``layout`` sheets, cells and styles ·
``formulas`` the engine's steps as Excel formulas · ``entries`` 基础数据 · ``form`` 自评表 ·
``summary`` 自评汇总表 and 得分情况表 · ``check`` 核对 · ``workbook`` puts them together ·
``writer`` and ``filenames`` make the file.
"""
