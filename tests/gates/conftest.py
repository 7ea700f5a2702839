"""Makes bench/ and the generators in scripts/ importable: they are no part of the package."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))
sys.path.append(str(ROOT / "scripts"))
