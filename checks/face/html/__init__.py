"""Verdicts as one HTML page."""

from .page import render

__all__ = ["render"]
