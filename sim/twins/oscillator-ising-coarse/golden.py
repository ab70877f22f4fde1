"""Works out golden.csv from the equations alone: python3 golden.py > golden.csv (needs nothing but Python)."""
import importlib.util
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = importlib.util.spec_from_file_location("ising", os.path.join(HERE, "..", "oscillator-ising", "golden.py"))
ising = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(ising)

if __name__ == "__main__":
    ising.golden("twin:oscillator-ising-coarse", 6)
