"""How fast a department is scored, against a hand-written floor and other formula engines.

``python -m benchmarks`` prints one table. Everybody scores the same departments: the shipped
Henan set's 27 indicators and 预算执行率, with other figures in every call.
"""
