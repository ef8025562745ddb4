"""Tests of control: one arm among boxes whose distances are known."""
