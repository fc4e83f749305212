"""Ctrl-C stops a run soon, with what was recorded."""

import signal
import subprocess
import sys
import time

import pytest

# A run of many seconds; Ctrl-C comes while it simulates.
CODE = """
import sys, time
import humam_gpu as hg

class Heard:
    def stage(self, name): pass
    def note(self, text): pass
    def simulated(self, done_ms, of_ms):
        if done_ms > 200.0:
            print("now", flush=True)

try:
    hg.run("{name}", duration_ms={duration_ms}, engine="cpu", progress=Heard())
except hg.Interrupted as stopped:
    run = stopped.run
    print(run.duration_ms, len(run.spikes), run.spikes.times_ms.max(), run.rates.rate_hz.mean())
"""
LIMIT_S = 2.0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal for one process alone")
def test_ctrl_c_gives_what_was_recorded_within_two_seconds() -> None:
    code = CODE.format(name="downscaled", duration_ms=600000.0)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        while process.stdout.readline() != "now\n":
            assert process.poll() is None, "it runs"
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        told = process.stdout.readlines()
        seconds = time.monotonic() - asked
    finally:
        process.kill()
        process.wait()
    duration_ms, n_spikes, last_ms, _ = map(float, told[-1].split())
    assert 200.0 <= duration_ms < 600000.0
    assert n_spikes > 0 and last_ms <= duration_ms + 1e-6
    assert seconds < LIMIT_S
