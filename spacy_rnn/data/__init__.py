"""Readers of annotated text: one module per format, each a generator of `Sentence`."""
