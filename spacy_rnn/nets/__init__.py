"""The recurrent nets in pure PyTorch: no import of spaCy or Thinc in this folder."""
