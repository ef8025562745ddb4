"""Anatomy of results: failures by stage and constraint, events, smoothness, safety, and what goes with failure."""

from tracesim.anatomy.curves import Curves
from tracesim.anatomy.events import Event, events
from tracesim.anatomy.safety import Safety
from tracesim.anatomy.smoothness import Smoothness

__all__ = ["Curves", "Event", "Safety", "Smoothness", "events"]
