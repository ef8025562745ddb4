"""Layouts as plain data: props, bodies and their poses, embodiments, and what a camera sees of them."""
