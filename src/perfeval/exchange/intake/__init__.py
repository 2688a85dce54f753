"""What offices already have, taken in: workbooks, Word forms, lists, 决算 tables.

The way in: ``containers`` what a file really is, in bounded memory · ``grids`` plain grids of
texts (``formats``, ``word``, ``worker``) · ``labels`` cells by what stands beside them ·
``evaluation_form``, ``project_list``, ``bare_list``, ``final_accounts``, ``own_export`` the
tables as ``seen`` · ``project_form``, ``summary_table``, ``department_form`` their place in a
session (``placing``, ``rows``) · ``ledger`` what becomes of each cell, and the changes ·
``reading`` puts these together.

As handed in: ``as_printed`` a form's own points · ``handed`` its session, scored and checked ·
``claims`` which rule made a score · ``folder`` hundreds of units in one table.
"""
