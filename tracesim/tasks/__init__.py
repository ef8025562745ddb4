"""The catalogue of tasks: instructions, constraints and negative controls, in words and pictures."""
