"""Figures of this machine, against the kernel's own files."""

from __future__ import annotations

import os

from aqe_desktop.machine import hardware


def test_memory_is_what_the_kernel_says() -> None:
    free, total = hardware.free_memory(), hardware.total_memory()
    assert free is not None
    assert total == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0 < free < total


def test_cores_are_those_this_process_may_use() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert hardware.cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_resident_memory_of_a_process_that_is_gone_is_unknown() -> None:
    assert (hardware.resident_memory(os.getpid()) or 0) > 1_000_000
    assert hardware.resident_memory(2**22 + 1) is None
