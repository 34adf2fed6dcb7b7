"""How the detector's model is made and measured. Not part of the package."""

import os

# Before numpy is there: several threads add up in an order of their own, and the last bits differ from run to run.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
