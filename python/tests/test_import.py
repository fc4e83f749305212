"""Importing the package is quick, and loads nothing that it does not need."""

import subprocess
import sys

LIMIT_S = 0.3
CODE = """
import sys, time, resource
import numpy
before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
import humam_gpu
print(resource.getrusage(resource.RUSAGE_SELF).ru_utime - before)
print("pandas" in sys.modules or "neo" in sys.modules or "tqdm" in sys.modules)
"""


def test_the_package_is_imported_in_a_moment_and_without_pandas() -> None:
    # The least of several, as other programs may be using the machine.
    told = [subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True) for _ in range(3)]
    lines = [each.stdout.split() for each in told]
    assert min(float(seconds) for seconds, _ in lines) < LIMIT_S
    assert all(loaded == "False" for _, loaded in lines)
