"""The panels with which Foxglove first shows an episode."""

from __future__ import annotations

from collections.abc import Sequence

from foxglove import layouts


def layout(cameras: Sequence[str], constraints: Sequence[str]) -> str:
    """Return a layout as JSON: the scene, the first camera, margins over time, and what was said and happened.

    Args:
        cameras: Names of the cameras.
        constraints: Names of the constraints whose margins are plotted.
    """
    camera = cameras[0]
    image = layouts.ImageModeConfig(
        image_topic=f"/camera/{camera}/image", calibration_topic=f"/camera/{camera}/calibration"
    )
    series = [layouts.PlotSeries(value=f"/margins.{name}", label=name) for name in constraints]
    view = layouts.ThreeDeeCameraState(distance=2.2, phi=55.0, theta_offset=60.0, perspective=True)
    return layouts.Layout(
        content=_split(
            "row",
            _split(
                "column",
                layouts.ThreeDeePanel(
                    config=layouts.ThreeDeeConfig(
                        follow_tf="world",
                        camera_state=view,
                        topics={
                            "/scene/bodies": layouts.BaseRendererSceneUpdateTopicSettings(visible=True),
                            "/scene/paths": layouts.BaseRendererSceneUpdateTopicSettings(visible=True),
                        },
                    )
                ),
                layouts.PlotPanel(config=layouts.PlotConfig(paths=series), title="margins"),
            ),
            _split(
                "column",
                layouts.ImagePanel(config=layouts.ImageConfig(image_mode=image)),
                layouts.LogPanel(config=layouts.LogConfig(topic_to_render="/log"), title="instruction and answer"),
                layouts.LogPanel(config=layouts.LogConfig(topic_to_render="/events"), title="events"),
            ),
        )
    ).to_json()


def _split(direction: str, *panels: layouts.Content) -> layouts.SplitContainer:
    items = [layouts.SplitItem(content=panel) for panel in panels]
    return layouts.SplitContainer(direction=direction, items=items)  # type: ignore[arg-type]
