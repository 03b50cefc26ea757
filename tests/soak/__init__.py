"""Workers, broker and engine are killed in random order for minutes or hours; rows stay what the log says.

`make soak-sessionizer MINUTES=10`; a short run of it is tests/faults/test_random_order.py.
"""
