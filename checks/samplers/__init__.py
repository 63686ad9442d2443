"""The simulators once more, plain and small, so that a lie can be planted in what each of them rests on.

Derived on their own and written in plain NumPy, all replicas at once; without a lie they draw from the law of explicit
descent, which is tested. They exist for the wrong simulators of the claims in `exactness`, and nothing else runs them.
"""
