"""What spaCy registers: factories, default configs and the component classes."""
