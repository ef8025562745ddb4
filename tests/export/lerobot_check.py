"""Loads a data set with LeRobot, compares all frames with those that were drawn, and trains a policy for one step.

It runs in an environment of its own, with the paths of the data set and of the drawn pictures. Frames are decoded by
LeRobot with torchcodec where that is installed, else by PyAV in the place of torchvision's reader, which is gone.
"""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import torch


def prepare_torchvision() -> None:
    """Declare the operators of torchvision, whose binary part may be built for another torch: none is used."""
    package = importlib.util.find_spec("torchvision")
    source = (Path(package.origin).parent / "_meta_registrations.py").read_text()
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for name in list(sys.modules):
            if name.startswith("torchvision"):
                del sys.modules[name]
        global library
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in set(re.findall(r"torchvision::(\w+)", source)) | set(
            re.findall(r'register_meta\("(\w+)"\)', source)
        ):
            if not hasattr(torch.ops.torchvision, name):
                library.define(f"{name}(Tensor x) -> Tensor")


def read_with_pyav(video, timestamps, tolerance_s, backend=None):
    """Return the frames of a video at some times, as LeRobot's own function does."""
    import av

    with av.open(str(video)) as container:
        found = [
            (float(frame.pts * frame.time_base), frame.to_ndarray(format="rgb24"))
            for frame in container.decode(video=0)
        ]
    times = np.array([time for time, _ in found])
    frames = []
    for wanted in timestamps:
        nearest = int(np.abs(times - wanted).argmin())
        assert abs(times[nearest] - wanted) < tolerance_s, (times[nearest], wanted)
        frames.append(torch.from_numpy(found[nearest][1]).permute(2, 0, 1) / 255.0)
    return torch.stack(frames)


prepare_torchvision()
from lerobot.configs.types import FeatureType
from lerobot.datasets import lerobot_dataset
from lerobot.datasets.utils import dataset_to_policy_features
from lerobot.policies.act.configuration_act import ACTConfig
from lerobot.policies.act.modeling_act import ACTPolicy

KEY = "observation.images.policy"
root, drawn = Path(sys.argv[1]), np.load(sys.argv[2])["rgb"]
try:
    from torchcodec.decoders import VideoDecoder  # noqa: F401
except (ImportError, RuntimeError, OSError):
    lerobot_dataset.decode_video_frames = read_with_pyav

data = lerobot_dataset.LeRobotDataset("local/export", root=root)
assert len(data) == len(drawn), (len(data), len(drawn))
worst, before = 0.0, None
for index in range(len(data)):
    item = data[index]
    episode = int(item["episode_index"])
    start = int(data.meta.episodes[episode]["dataset_from_index"])
    assert int(item["index"]) == index
    assert abs(float(item["timestamp"]) - (index - start) / data.fps) < 1e-4
    assert item["task"]
    off = float(np.abs(item[KEY].numpy().transpose(1, 2, 0) * 255.0 - drawn[index]).mean())
    worst = max(worst, off)
    assert off < 4.0, (index, off)
    if before is not None and before != episode:
        print(f"frame {index} is the first of episode {episode}: {off:.2f} of 255 from what was drawn")
    before = episode
print(f"decoded {len(data)} frames of {data.num_episodes} episodes; the worst is {worst:.2f} of 255 off")

features = {
    key: one for key, one in dataset_to_policy_features(data.meta.features).items() if not key.endswith("_depth")
}
outputs = {key: one for key, one in features.items() if one.type is FeatureType.ACTION}
inputs = {key: one for key, one in features.items() if key not in outputs}
config = ACTConfig(
    input_features=inputs,
    output_features=outputs,
    chunk_size=4,
    n_action_steps=4,
    dim_model=32,
    n_heads=2,
    dim_feedforward=64,
    n_encoder_layers=1,
    n_decoder_layers=1,
    n_vae_encoder_layers=1,
    latent_dim=8,
    pretrained_backbone_weights=None,
    device="cpu",
)
chunks = {"action": [step / data.fps for step in range(4)]}
data = lerobot_dataset.LeRobotDataset("local/export", root=root, delta_timestamps=chunks)
batch = torch.utils.data.default_collate([data[index] for index in (0, len(data) - 1)])
for key in (*inputs, *outputs):
    if key != KEY:
        statistics = data.meta.stats[key]
        mean, deviation = (torch.as_tensor(statistics[name], dtype=torch.float32) for name in ("mean", "std"))
        batch[key] = (batch[key] - mean) / (deviation + 1e-6)
policy = ACTPolicy(config)
optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-3)
losses = []
for _ in range(2):
    loss, _ = policy.forward(batch)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert all(np.isfinite(losses)), losses
print(f"trained one step: loss {losses[0]:.3f}, then {losses[1]:.3f}")
