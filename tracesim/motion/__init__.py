"""Motions: the ways in which a body follows a trace, one per module."""
