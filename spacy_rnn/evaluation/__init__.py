"""How good predictions are and what annotation is worth: numbers, no printing."""
