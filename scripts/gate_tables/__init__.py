"""The parts of ``scripts/gate_names.py``: alterations of names, and the tables per script."""
