"""Anatomy of results: where episodes fail, what happened in them, how smooth and safe they are, what goes with it."""

from tracesim.anatomy.curves import Curves
from tracesim.anatomy.events import Event, events
from tracesim.anatomy.safety import Safety
from tracesim.anatomy.smoothness import Smoothness

__all__ = ["Curves", "Event", "Safety", "Smoothness", "events"]
