"""A policy server in openpi's form, and a run that asks it: the policy raises the hand by 4 mm with every command."""

import threading

import numpy as np
from openpi_client import msgpack_numpy
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tracesim.run import main


def infer(observation: dict) -> dict:
    """Return a chunk of commands: poses of the tool, x, y, z and a quaternion, and the opening of the hand."""
    chunk = np.tile(observation["observation/state"], (10, 1))
    chunk[:, 2] += 0.004 * np.arange(1, 11)
    return {"actions": chunk}


def handle(connection: ServerConnection) -> None:
    """Send metadata first, as openpi's servers do, and then answer each observation."""
    connection.send(msgpack_numpy.packb({"policy": "raises the hand"}))
    try:
        for message in connection:
            connection.send(msgpack_numpy.packb(infer(msgpack_numpy.unpackb(message))))
    except ConnectionClosed:
        pass


if __name__ == "__main__":
    with serve(handle, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever).start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        words = ["task=place_empty_cup", "variation=clean", "episodes=1", "video=false", "control=ee_pose"]
        main([*words, "policy=remote", f"policy.url={url}", "policy.max_steps=40"])
        server.shutdown()
