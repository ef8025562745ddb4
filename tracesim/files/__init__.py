"""Atomic and append-only files, which a crash or a full disk cannot leave half written."""
