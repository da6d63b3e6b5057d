"""Keep freed memory instead of handing it back to the kernel, where glibc allows it.

By default glibc returns large freed blocks at once and page-faults them in again at the next
convolution. Keeping them makes CPU training and inference faster at a somewhat higher peak.
"""

import ctypes
import sys

# From glibc's malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4
_NEVER_TRIM = 2**31 - 1


def keep_memory() -> bool:
    """Tell malloc to keep what is freed. Returns whether the C library took it (glibc only)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(_M_MMAP_MAX, 0) and mallopt(_M_TRIM_THRESHOLD, _NEVER_TRIM))
