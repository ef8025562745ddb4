"""Certification: splits of consecutive seeds with the expert's traces and verdicts, written and verified."""
