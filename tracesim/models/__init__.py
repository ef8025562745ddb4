"""Clients and prompts for asking a model."""
