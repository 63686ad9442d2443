"""What claims on spikes share: the step of arXiv 2310.07891 as a Student's, and where statements on it apply."""

from __future__ import annotations

RELU = "relu(u) - 1/sqrt(2*pi)"  # centred, as the theory has activations
