"""Published reports audited: every printed number proven, or shown wrong.

``readers`` any file → ``document`` paragraphs and tables with places · ``figures`` printed numbers
as intervals · ``accounts``, ``selfeval`` (``projects``, ``tiers``, ``forms``), ``statements`` what
each number states, by name, and the identities between them (``equations``) · ``logic``,
``wording`` what no equation says, as ``observed`` · ``blame`` the smallest set of facts whose
correction mends all · ``auditing`` the whole → ``model`` findings and coverage · ``output``,
``record`` what leaves and what is kept · ``as_session`` the report as a session.
"""
