"""Measurements of speed and memory: medians with their spread, targets, growth, and a peer simulator side by side."""
