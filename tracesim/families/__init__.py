"""Base classes and helpers of related tasks."""
