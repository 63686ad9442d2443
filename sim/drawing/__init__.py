"""Drawing: one style, numbers kept beside what is drawn, and a run's own trajectories.

It lies in `sim` because `Run.plot` may know neither `checks` nor a prediction; `checks.face.figures` draws with the
same pen whatever needs theory. matplotlib is loaded with the first figure.
"""
