"""Error floors: what no second layer can fit once the first has learned U."""

from .floor import Floor, error_floor, error_floors
from .planted import Planted, planted_masses

__all__ = ["Floor", "Planted", "error_floor", "error_floors", "planted_masses"]
