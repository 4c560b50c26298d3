"""Thinc models: one registered architecture a file, and the bridge to torch."""
