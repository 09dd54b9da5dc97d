"""The two ways in which land is worked out: by the compiled kernels, and by GEOS alone."""

from contextlib import contextmanager

import pytest

from landgis import geometry, overlay
from landgis.compiled.library import kernels
from landgis.land import whole

needs_kernels = pytest.mark.skipif(kernels() is None, reason="the kernels are not compiled here")
WAYS = [pytest.param(True, id="kernels", marks=needs_kernels), pytest.param(False, id="GEOS alone")]


@contextmanager
def by(kernel: bool):
    """With the kernels, or as where they could not be compiled."""
    with pytest.MonkeyPatch.context() as patch:
        if not kernel:
            for module in (geometry, overlay, whole):
                patch.setattr(module, "kernels", lambda: None)
        yield
