from __future__ import annotations

import numpy as np
import pytest

from tracesim.assets.props.mat import VARIANTS, mat
from tracesim.layout.randomness import Draw


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_mat_has_the_size_asked_for_and_its_front_looks_other_than_its_back(variant: str) -> None:
    prop = mat(Draw.of(np.random.default_rng(4)), variant=variant, size=(0.12, 0.15))
    seen = prop.surfaces[0]
    np.testing.assert_allclose(np.ptp(seen.vertices, axis=0)[:2], (0.12, 0.15), atol=1e-9)
    assert 0.002 <= prop.points["top"][2] <= 0.003
    picture = seen.material.texture
    assert picture is not None
    front, back = (picture[rows, 24:72].astype(float) for rows in (slice(0, 20), slice(-20, None)))
    assert np.abs(front.mean(1) - back[::-1].mean(1)).max() > 30.0
    # The texture's first row lies at the front edge.
    forward = seen.uvs[np.argmax(seen.vertices[:, 0]), 1]
    assert forward == pytest.approx(0.0, abs=1e-9)
