import os
from pathlib import Path

import numpy
import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Small nets gain nothing by more."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seed():
    numpy.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def real_data():
    """The folder of corpora; none of them is part of the project."""
    folder = os.environ.get("SPACY_RNN_DATA")
    if not folder:
        pytest.skip("SPACY_RNN_DATA is not set; it names the folder of corpora")
    return Path(folder)
