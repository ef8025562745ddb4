"""Shapes, paths, cameras and distances, independent of any robot."""
