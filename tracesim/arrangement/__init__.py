"""A solvable scene for a seed."""
