"""Shapes, paths and time, without a robot."""
