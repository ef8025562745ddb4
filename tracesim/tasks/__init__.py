"""The catalogue of tasks: what each asks and what decides, in words and pictures."""
