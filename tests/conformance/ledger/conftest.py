from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"


@pytest.fixture(scope="session")
def vectors():
    """The folder of third-party vectors beside the repository; without it the conformance tests are skipped."""
    folder = SHARED / "vectors"
    if not folder.is_dir():
        pytest.skip("the third-party vectors (../shared/vectors) are not here")
    return folder


@pytest.fixture(scope="session")
def sample_chain():
    file = SHARED / "design" / "sample-chain.json"
    if not file.is_file():
        pytest.skip("the example chain (../shared/design/sample-chain.json) is not here")
    return file.read_bytes()
