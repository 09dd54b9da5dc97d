"""The meter counts a process with its children."""

import sys

import pytest

from benchmarks.score.meter import Failed, metered

WORK = "import time\nheld = bytearray(b'x') * 80_000_000\nwhile time.process_time() < 0.3: pass\n"
PARENT = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WORK!r}], check=True)\n"


@pytest.mark.parametrize("text", [WORK, PARENT], ids=["itself", "its child"])
def test_work_and_memory_of_the_process_and_its_children_count(text):
    run = metered([sys.executable, "-c", text])
    assert run.processor_s >= 0.3
    assert run.wall_s > 0
    assert 80_000_000 / 2**20 < run.peak_mb < 200


def test_small_is_small_whatever_we_hold_ourselves():
    held = bytearray(b"x") * 300_000_000
    assert metered([sys.executable, "-c", "import time; time.sleep(0.2)"]).peak_mb < 100
    assert len(held) == 300_000_000


def test_phases_are_what_it_says_last():
    said = "print('reading'); print('{\"read\": 1.5}')"
    assert metered([sys.executable, "-c", said]).phases == {"read": 1.5}
    assert metered([sys.executable, "-c", "print('done')"]).phases == {}


def test_the_work_of_a_server_counts_too():
    import subprocess

    text = "import time\nwhile time.process_time() < 0.4: pass\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", text]) as server:
        run = metered([sys.executable, "-c", "import time; time.sleep(1)"], server=server.pid)
        server.kill()
    assert run.processor_s > 0.05


def test_the_last_line_says_why_it_failed():
    with pytest.raises(Failed, match="ValueError: no such table"):
        metered([sys.executable, "-c", "raise ValueError('no such table')"])
