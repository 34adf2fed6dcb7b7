"""How the detector's model is made: its corpus, the training, and its measure."""
