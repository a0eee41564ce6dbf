import pytest
from searches import Search


@pytest.fixture
def search(tmp_path):
    """Makes searches below the test's folder, and leaves no process behind."""
    made = []

    def make(name="a", job="demo", overrides=()):
        made.append(Search(tmp_path / name, job, overrides))
        return made[-1]

    yield make
    for item in made:
        item.kill_everything()
